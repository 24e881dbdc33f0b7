package org.wasix4j.system.error;

import java.util.List;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * The table from the text of an error to its errno. Of most errors the JVM passes on nothing but
 * the text of the C library, in the language of the host's locale ({@link LocalizedErrors}), or
 * words of its own. What a text means can depend on what failed, so there is a column for each
 * {@link Domain}.
 *
 * <p>{@code docs/ERRORS.md} lists the errors of sockets with the tests that provoke them.
 */
public final class ErrorTexts {

    /** What kind of object an operation has failed on. */
    public enum Domain {
        /** An internet socket. */
        SOCKET,
        /** A unix socket. */
        UNIX_SOCKET,
        /** A file or a directory. */
        FILE
    }

    /** One text; the first row whose prefix fits wins, so longer texts come first. */
    private record Row(String prefix, Errno socket, Errno unixSocket, Errno file) {

        Row(String prefix, Errno everywhere) {
            this(prefix, everywhere, everywhere, everywhere);
        }

        Errno errno(Domain domain) {
            if (domain == Domain.FILE) {
                return file;
            }
            return domain == Domain.UNIX_SOCKET ? unixSocket : socket;
        }
    }

    private static final List<Row> ROWS =
            List.of(
                    new Row("Address already in use", Errno.ADDRINUSE),
                    new Row("Cannot assign requested address", Errno.ADDRNOTAVAIL),
                    new Row("Can't assign requested address", Errno.ADDRNOTAVAIL),
                    new Row("Permission denied", Errno.ACCES),
                    new Row("Connection refused", Errno.CONNREFUSED),
                    new Row("Connection timed out", Errno.TIMEDOUT),
                    new Row("Operation timed out", Errno.TIMEDOUT),
                    new Row("Connection reset", Errno.CONNRESET),
                    new Row("Broken pipe", Errno.PIPE),
                    new Row("Transport endpoint is not connected", Errno.NOTCONN),
                    new Row("Socket is not connected", Errno.NOTCONN),
                    new Row("Socket not connected", Errno.NOTCONN),
                    new Row("Too many open files in system", Errno.NFILE),
                    new Row("Too many open files", Errno.MFILE),
                    new Row("Network is unreachable", Errno.NETUNREACH),
                    new Row("No route to host", Errno.HOSTUNREACH),
                    new Row("Host is down", Errno.HOSTUNREACH),
                    new Row("Network is down", Errno.NETDOWN),
                    new Row("Network dropped connection", Errno.NETRESET),
                    new Row("Software caused connection abort", Errno.CONNABORTED),
                    new Row("An established connection was aborted", Errno.CONNABORTED),
                    new Row("Message too long", Errno.MSGSIZE),
                    new Row("No buffer space available", Errno.NOBUFS),
                    // EAGAIN of connect(2). For a unix socket: the queue of the listener is full. A
                    // guest would read it as "in progress" for an internet socket.
                    new Row(
                            "Resource temporarily unavailable",
                            Errno.NOBUFS,
                            Errno.AGAIN,
                            Errno.AGAIN),
                    new Row("Cannot allocate memory", Errno.NOMEM),
                    new Row("Invalid argument", Errno.INVAL),
                    new Row("Operation not permitted", Errno.PERM),
                    new Row("Can't send to port 0", Errno.INVAL),
                    new Row("Can't connect to port 0", Errno.CONNREFUSED),
                    new Row("No such device or address", Errno.NXIO),
                    new Row("No such device", Errno.NODEV),
                    new Row("Protocol family unavailable", Errno.AFNOSUPPORT),
                    new Row("Protocol family not supported", Errno.AFNOSUPPORT),
                    new Row("Address family not supported", Errno.AFNOSUPPORT),
                    new Row("IPv6 not available", Errno.AFNOSUPPORT),
                    new Row("Protocol not available", Errno.NOPROTOOPT),
                    new Row("Protocol wrong type for socket", Errno.PROTOTYPE),
                    new Row("Protocol not supported", Errno.PROTONOSUPPORT),
                    new Row("Protocol error", Errno.PROTO),
                    new Row("Operation not supported", Errno.NOTSUP),
                    new Row("Destination address required", Errno.DESTADDRREQ),
                    new Row("No such file or directory", Errno.NOENT),
                    new Row("Not a directory", Errno.NOTDIR),
                    new Row("Is a directory", Errno.ISDIR),
                    new Row("File name too long", Errno.NAMETOOLONG),
                    new Row("Unix domain path too long", Errno.NAMETOOLONG),
                    new Row("Too many levels of symbolic links", Errno.LOOP),
                    new Row("Read-only file system", Errno.ROFS),
                    new Row("No space left on device", Errno.NOSPC),
                    new Row("Network subsystem is unavailable", Errno.NETDOWN),
                    new Row("File exists", Errno.EXIST),
                    new Row("Directory not empty", Errno.NOTEMPTY),
                    new Row("Disk quota exceeded", Errno.DQUOT),
                    new Row("File too large", Errno.FBIG),
                    new Row("Invalid cross-device link", Errno.XDEV),
                    new Row("Device or resource busy", Errno.BUSY),
                    new Row("Too many links", Errno.MLINK),
                    new Row("Text file busy", Errno.TXTBSY),
                    new Row("Bad file descriptor", Errno.BADF),
                    new Row("Illegal seek", Errno.SPIPE),
                    new Row("Invalid or incomplete multibyte", Errno.ILSEQ),
                    new Row("Value too large", Errno.OVERFLOW),
                    new Row("Stale file handle", Errno.STALE),
                    new Row("Stream closed", Errno.BADF),
                    new Row("Stream Closed", Errno.BADF));

    private ErrorTexts() {}

    /**
     * The errno that a text stands for.
     *
     * @param text as an exception of the JVM has it; null answers null
     * @return null when the text is not known, in English or in the language of the host's locale
     */
    public static @Nullable Errno errno(@Nullable String text, Domain domain) {
        if (text == null) {
            return null;
        }
        Errno known = find(text, domain);
        return known != null ? known : find(LocalizedErrors.english(text), domain);
    }

    private static @Nullable Errno find(String text, Domain domain) {
        for (Row row : ROWS) {
            if (text.startsWith(row.prefix)) {
                return row.errno(domain);
            }
        }
        return null;
    }
}
