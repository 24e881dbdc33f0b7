package org.wasix4j.system.fs;

import java.nio.file.Path;

/**
 * A directory of the host that the guest has.
 *
 * @param path where in the guest, absolute
 * @param name the guest path as it was granted, which the guest is told
 * @param host where on the host
 * @param root the directory, held open
 * @param readOnly whether every change is refused with {@code rofs}
 */
record Mount(String path, String name, Path host, HostDirectory root, boolean readOnly) {}
