package org.wasix4j.system.fs;

import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.types.FileType;

/**
 * A character device of our own making, as it stands in {@code /dev}; the host's are never opened.
 */
final class Device extends MemoryNode {

    /** Opens the device. */
    @FunctionalInterface
    interface Opener {
        OpenDescription open(Device node, OpenMode mode);
    }

    private final Opener opener;

    Device(Opener opener) {
        this.opener = opener;
    }

    OpenDescription open(OpenMode mode) {
        return opener.open(this, mode);
    }

    @Override
    FileType type() {
        return FileType.CHARACTER_DEVICE;
    }
}
