package org.wasix4j.types;

/**
 * What differs between the generations of the ABI beyond the types of functions. One immutable
 * profile is chosen when a module is linked and given to the codecs.
 *
 * @param name how the profile is called on the command line
 * @param extendedErrno whether the guest knows errno 77 to 80
 * @param inet6AddrBytes how many bytes of an address record an IPv6 address takes: 28 with flow
 *     information and scope, 20 without
 * @param legacySockTypes whether socket types are 0 datagram, 1 stream, or the file types 5 and 6
 * @param renumberMoves whether {@code fd_renumber} closes its source, as preview1 says, or leaves
 *     it open like dup2, as WASIX does
 * @param rootPreopen whether the granted directories are reached through the one preopened
 *     descriptor of the root: the C library of the first generation cuts a byte too few off a path
 *     beneath any other
 * @param snapshot0 whether records have the layout of {@code wasi_unstable}: whence numbers,
 *     filestat of 56 bytes, subscriptions of 56 bytes
 */
public record AbiProfile(
        String name,
        boolean extendedErrno,
        int inet6AddrBytes,
        boolean legacySockTypes,
        boolean renumberMoves,
        boolean rootPreopen,
        boolean snapshot0) {

    /** Guests since 2023-05: preview1 plus {@code wasix_32v1}. */
    public static final AbiProfile CURRENT =
            new AbiProfile("current", true, 28, false, false, false, false);

    /** Guests of 2022-10 to 2023-05: everything in {@code wasix_32v1}. */
    public static final AbiProfile LEGACY =
            new AbiProfile("legacy", true, 20, true, false, true, false);

    /** Guests that import nothing of {@code wasix_32v1}. */
    public static final AbiProfile PREVIEW1 =
            new AbiProfile("preview1", false, 28, false, true, false, false);

    /** {@return the same profile with the record layouts of {@code wasi_unstable}} */
    public AbiProfile asSnapshot0() {
        return new AbiProfile(
                name,
                extendedErrno,
                inet6AddrBytes,
                legacySockTypes,
                renumberMoves,
                rootPreopen,
                true);
    }

    /**
     * {@return the error of a pointer outside the guest's memory: EFAULT} The reference runtime
     * answers {@code memviolation} to WASIX guests, which wasix-libc hands on as a number that no
     * portable program knows.
     */
    public Errno badPointer() {
        return Errno.FAULT;
    }

    /**
     * {@return the socket type of a number, or null when there is none} First-generation Rust
     * guests send 0 datagram, 1 stream, 2 raw, 3 seqpacket; C guests of that time the file types 5,
     * 6, 8 and 9.
     *
     * @param code the number
     */
    @Nullable
    public SockType sockType(int code) {
        if (!legacySockTypes) {
            return SockType.of(code);
        }
        return switch (code) {
            case 0, 5 -> SockType.DGRAM;
            case 1, 6 -> SockType.STREAM;
            case 2, 8 -> SockType.RAW;
            case 3, 9 -> SockType.SEQPACKET;
            default -> null;
        };
    }
}
