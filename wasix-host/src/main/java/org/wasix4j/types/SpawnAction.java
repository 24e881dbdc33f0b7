package org.wasix4j.types;

/**
 * What a spawn does with the descriptors of the new process before its program starts; compare of
 * {@code posix_spawn_file_actions_t}.
 *
 * @param kind what is done
 * @param fd the descriptor that is closed, made, or entered
 * @param source the descriptor that is copied, for {@link Kind#DUP2}
 * @param path what is opened or entered, else empty
 * @param lookup {@code lookupflags} of the path
 * @param openFlags {@code oflags}
 * @param rights what the opened file is for, {@link Rights}
 * @param statusFlags {@link FdFlags} of the opened file
 * @param descriptorFlags {@link FdFlags#CLOEXEC} of the new descriptor
 */
public record SpawnAction(
        Kind kind,
        int fd,
        int source,
        String path,
        int lookup,
        int openFlags,
        long rights,
        int statusFlags,
        int descriptorFlags) {

    /** The kinds, by the numbers of the ABI. */
    public enum Kind {
        /** close(2). */
        CLOSE,
        /** dup2(2). */
        DUP2,
        /** open(2), at a given number. */
        OPEN,
        /** chdir(2). */
        CHDIR,
        /** fchdir(2). */
        FCHDIR;

        /**
         * {@return the kind of a number}
         *
         * @param code the number
         * @throws ErrnoException inval for another one
         */
        public static Kind of(int code) {
            if (code < 0 || code >= values().length) {
                throw Errno.INVAL.exception();
            }
            return values()[code];
        }
    }
}
