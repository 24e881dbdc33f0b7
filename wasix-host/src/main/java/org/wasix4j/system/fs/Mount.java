package org.wasix4j.system.fs;

import java.nio.file.Path;
import org.wasix4j.types.Nullable;

/**
 * A directory that the guest has: one of the host that was granted, or one of our own.
 *
 * @param path where in the guest, absolute
 * @param name the guest path as it was granted, which the guest sees; null for one of our own
 * @param host where on the host; null for one of our own
 * @param root the directory, held open
 * @param readOnly whether every change is refused with {@code rofs}
 */
record Mount(
        String path, @Nullable String name, @Nullable Path host, Folder root, boolean readOnly) {

    /** One of our own. */
    static Mount own(String path, Folder root, boolean readOnly) {
        return new Mount(path, null, null, root, readOnly);
    }

    /** Whether it was not granted. */
    boolean isOwn() {
        return host == null;
    }
}
