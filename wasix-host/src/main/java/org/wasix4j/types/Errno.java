package org.wasix4j.types;

/**
 * The WASI error numbers, as the WITX lists them: 0 to 76 are those of preview1, 77 to 80 are
 * additions of WASIX. The POSIX equivalent of each is {@code errno} of the same name in capitals
 * with an E before it; the numbers differ from Linux.
 *
 * <p>There is no number for EOPNOTSUPP ({@link #NOTSUP} serves), EPFNOSUPPORT, ESOCKTNOSUPPORT or
 * EHOSTDOWN.
 *
 * <p>Source: wasi-witx {@code typenames.witx}, {@code errno}.
 */
public enum Errno {
    /** 0 */
    SUCCESS(0, "success"),
    /** 1 */
    E2BIG(1, "2big"),
    /** 2 */
    ACCES(2, "acces"),
    /** 3 */
    ADDRINUSE(3, "addrinuse"),
    /** 4 */
    ADDRNOTAVAIL(4, "addrnotavail"),
    /** 5 */
    AFNOSUPPORT(5, "afnosupport"),
    /** 6 */
    AGAIN(6, "again"),
    /** 7 */
    ALREADY(7, "already"),
    /** 8 */
    BADF(8, "badf"),
    /** 9 */
    BADMSG(9, "badmsg"),
    /** 10 */
    BUSY(10, "busy"),
    /** 11 */
    CANCELED(11, "canceled"),
    /** 12 */
    CHILD(12, "child"),
    /** 13 */
    CONNABORTED(13, "connaborted"),
    /** 14 */
    CONNREFUSED(14, "connrefused"),
    /** 15 */
    CONNRESET(15, "connreset"),
    /** 16 */
    DEADLK(16, "deadlk"),
    /** 17 */
    DESTADDRREQ(17, "destaddrreq"),
    /** 18 */
    DOM(18, "dom"),
    /** 19 */
    DQUOT(19, "dquot"),
    /** 20 */
    EXIST(20, "exist"),
    /** 21 */
    FAULT(21, "fault"),
    /** 22 */
    FBIG(22, "fbig"),
    /** 23 */
    HOSTUNREACH(23, "hostunreach"),
    /** 24 */
    IDRM(24, "idrm"),
    /** 25 */
    ILSEQ(25, "ilseq"),
    /** 26 */
    INPROGRESS(26, "inprogress"),
    /** 27 */
    INTR(27, "intr"),
    /** 28 */
    INVAL(28, "inval"),
    /** 29 */
    IO(29, "io"),
    /** 30 */
    ISCONN(30, "isconn"),
    /** 31 */
    ISDIR(31, "isdir"),
    /** 32 */
    LOOP(32, "loop"),
    /** 33 */
    MFILE(33, "mfile"),
    /** 34 */
    MLINK(34, "mlink"),
    /** 35 */
    MSGSIZE(35, "msgsize"),
    /** 36 */
    MULTIHOP(36, "multihop"),
    /** 37 */
    NAMETOOLONG(37, "nametoolong"),
    /** 38 */
    NETDOWN(38, "netdown"),
    /** 39 */
    NETRESET(39, "netreset"),
    /** 40 */
    NETUNREACH(40, "netunreach"),
    /** 41 */
    NFILE(41, "nfile"),
    /** 42 */
    NOBUFS(42, "nobufs"),
    /** 43 */
    NODEV(43, "nodev"),
    /** 44 */
    NOENT(44, "noent"),
    /** 45 */
    NOEXEC(45, "noexec"),
    /** 46 */
    NOLCK(46, "nolck"),
    /** 47 */
    NOLINK(47, "nolink"),
    /** 48 */
    NOMEM(48, "nomem"),
    /** 49 */
    NOMSG(49, "nomsg"),
    /** 50 */
    NOPROTOOPT(50, "noprotoopt"),
    /** 51 */
    NOSPC(51, "nospc"),
    /** 52 */
    NOSYS(52, "nosys"),
    /** 53 */
    NOTCONN(53, "notconn"),
    /** 54 */
    NOTDIR(54, "notdir"),
    /** 55 */
    NOTEMPTY(55, "notempty"),
    /** 56 */
    NOTRECOVERABLE(56, "notrecoverable"),
    /** 57 */
    NOTSOCK(57, "notsock"),
    /** 58 */
    NOTSUP(58, "notsup"),
    /** 59 */
    NOTTY(59, "notty"),
    /** 60 */
    NXIO(60, "nxio"),
    /** 61 */
    OVERFLOW(61, "overflow"),
    /** 62 */
    OWNERDEAD(62, "ownerdead"),
    /** 63 */
    PERM(63, "perm"),
    /** 64 */
    PIPE(64, "pipe"),
    /** 65 */
    PROTO(65, "proto"),
    /** 66 */
    PROTONOSUPPORT(66, "protonosupport"),
    /** 67 */
    PROTOTYPE(67, "prototype"),
    /** 68 */
    RANGE(68, "range"),
    /** 69 */
    ROFS(69, "rofs"),
    /** 70 */
    SPIPE(70, "spipe"),
    /** 71 */
    SRCH(71, "srch"),
    /** 72 */
    STALE(72, "stale"),
    /** 73 */
    TIMEDOUT(73, "timedout"),
    /** 74 */
    TXTBSY(74, "txtbsy"),
    /** 75 */
    XDEV(75, "xdev"),
    /** 76 */
    NOTCAPABLE(76, "notcapable"),
    /** 77 */
    SHUTDOWN(77, "shutdown"),
    /** 78 */
    MEMVIOLATION(78, "memviolation"),
    /** 79 */
    UNKNOWN(79, "unknown"),
    /** 80 */
    PENDING(80, "pending");

    private static final Errno[] BY_CODE = values();

    private final int code;
    private final String wasiName;
    private final ErrnoException exception;

    Errno(int code, String wasiName) {
        this.code = code;
        this.wasiName = wasiName;
        this.exception = new ErrnoException(this);
    }

    /** {@return the number on the wire} */
    public int code() {
        return code;
    }

    /** {@return the name as the WITX spells it: {@code addrinuse}, {@code 2big}} */
    public String wasiName() {
        return wasiName;
    }

    /** {@return the one, stackless exception that carries this error up to the choke point} */
    public ErrnoException exception() {
        return exception;
    }

    /**
     * {@return the error of a number}
     *
     * @param code the number
     * @throws IllegalArgumentException for a number outside 0 to 80
     */
    public static Errno of(int code) {
        if (code < 0 || code >= BY_CODE.length) {
            throw new IllegalArgumentException("no such errno: " + code);
        }
        return BY_CODE[code];
    }

    @Override
    public String toString() {
        return wasiName;
    }
}
