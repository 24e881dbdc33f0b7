package org.wasix4j.system.fs;

import org.wasix4j.system.fd.FdTable;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.types.Errno;
import org.wasix4j.types.FileType;
import org.wasix4j.types.Rights;

/**
 * What opening a name in {@code /dev/fd} answers: not a description of its own, but the number of
 * one that is open already, of which the caller makes another number, as dup(2) does.
 */
public final class Duplicate extends OpenDescription {

    private static final int TERMINAL = -1;

    private final int number;
    private final long wanted;

    private Duplicate(int number, long wanted) {
        this.number = number;
        this.wanted = wanted;
    }

    /** A descriptor by number. */
    static Duplicate of(int number) {
        return new Duplicate(number, 0);
    }

    /** The terminal, where one of the standard streams is one: {@code /dev/tty}. */
    static Duplicate ofTerminal(OpenMode mode) {
        return new Duplicate(TERMINAL, mode.rights());
    }

    /**
     * The descriptor that is to be duplicated.
     *
     * @throws org.wasix4j.types.ErrnoException nxio when there is no terminal
     */
    public int numberIn(FdTable descriptors) {
        if (number != TERMINAL) {
            return number;
        }
        // standard error first: it is what is redirected least
        for (int fd = 2; fd >= 0; fd--) {
            OpenDescription stream = descriptors.find(fd);
            if (stream != null
                    && stream.type() == FileType.CHARACTER_DEVICE
                    && (stream.rights() & (Rights.FD_SEEK | Rights.FD_TELL)) == 0
                    && (stream.rights() & wanted) != 0) {
                return fd;
            }
        }
        throw Errno.NXIO.exception();
    }

    @Override
    public FileType type() {
        return FileType.UNKNOWN;
    }

    @Override
    public int readiness(int interest) {
        return 0;
    }

    @Override
    protected long possibleRights() {
        return 0;
    }

    @Override
    protected void onClose() {
        // it is none
    }
}
