package org.wasix4j.types;

/**
 * An {@link Errno} on its way from the machine to the guest. There is one for each number and it
 * has no stack trace, so that throwing costs little; the description of the error goes to the
 * observer at the place where it is known, never carried here.
 *
 * <p>"Would block" is not thrown at all: operations answer it as a value.
 */
public final class ErrnoException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Errno errno;

    ErrnoException(Errno errno) {
        super(null, null, false, false);
        this.errno = errno;
    }

    /** {@return the error number that the guest will see} */
    public Errno errno() {
        return errno;
    }

    @Override
    public String getMessage() {
        return errno.wasiName();
    }
}
