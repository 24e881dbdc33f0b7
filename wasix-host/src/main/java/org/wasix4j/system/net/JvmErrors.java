package org.wasix4j.system.net;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.wasix4j.system.error.LocalizedErrors;
import org.wasix4j.types.Errno;

/**
 * The one table from what the JVM throws at a channel to an errno: by class first, then by the
 * beginning of the message. The JVM folds many errno values into one class and keeps the C
 * library's text, which is in the language of the host's locale ({@link LocalizedErrors}). What
 * only our own states can know (already connected, not a socket, not supported) never gets here.
 *
 * <p>{@code docs/ERRORS.md} lists each row with the test that provokes it.
 */
public final class JvmErrors {

    /** One text of the C library; the first row that fits wins, so longer texts come first. */
    private record Row(String prefix, Errno errno) {}

    private static final List<Row> MESSAGES =
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
                    new Row("Resource temporarily unavailable", Errno.NOBUFS),
                    new Row("Cannot allocate memory", Errno.NOMEM),
                    new Row("Invalid argument", Errno.INVAL),
                    new Row("Operation not permitted", Errno.PERM),
                    new Row("Can't send to port 0", Errno.INVAL),
                    new Row("Can't connect to port 0", Errno.CONNREFUSED),
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
                    new Row("Network subsystem is unavailable", Errno.NETDOWN));

    /** What is no failure of the host. */
    private static final Set<Errno> EVERYDAY =
            EnumSet.of(
                    Errno.CONNRESET,
                    Errno.CONNREFUSED,
                    Errno.CONNABORTED,
                    Errno.PIPE,
                    Errno.NOTCONN,
                    Errno.TIMEDOUT,
                    Errno.NETUNREACH,
                    Errno.HOSTUNREACH,
                    Errno.BADF);

    private JvmErrors() {}

    /** The errno of what a channel operation threw; {@code io} when it is unknown. */
    public static Errno of(Throwable thrown) {
        Errno byClass = byClass(thrown);
        if (byClass != null) {
            return byClass;
        }
        String message = thrown.getMessage();
        if (message != null) {
            Errno known = byMessage(message);
            known = known == null ? byMessage(LocalizedErrors.english(message)) : known;
            if (known != null) {
                return known;
            }
        }
        return fallback(thrown);
    }

    private static Errno byMessage(String message) {
        for (Row row : MESSAGES) {
            if (message.startsWith(row.prefix)) {
                return row.errno;
            }
        }
        return null;
    }

    /**
     * As {@link #of}, and tells the observer the host's own words; but not of what peers and
     * networks do every day, nor of a channel that another thread has closed, nor at the end of the
     * net, which interrupts its threads wherever they are.
     */
    static Errno translate(NetContext net, String operation, Exception thrown) {
        Errno errno = of(thrown);
        if (!net.isEnding() && !EVERYDAY.contains(errno)) {
            net.reporter().hostError(operation, thrown);
        }
        return errno;
    }

    private static Errno byClass(Throwable thrown) {
        if (thrown instanceof ClosedChannelException) {
            return Errno.BADF;
        }
        if (thrown instanceof NoRouteToHostException) {
            return Errno.HOSTUNREACH;
        }
        if (thrown instanceof PortUnreachableException) {
            return Errno.CONNREFUSED;
        }
        if (thrown instanceof UnknownHostException) {
            // the name, a colon and what the resolver says
            String message = String.valueOf(thrown.getMessage());
            String reason = message.substring(message.lastIndexOf(": ") + 1).strip();
            return message.contains("Temporary failure")
                            || LocalizedErrors.english(reason).startsWith("Temporary failure")
                    ? Errno.AGAIN
                    : Errno.NOENT;
        }
        if (thrown instanceof UnsupportedAddressTypeException) {
            return Errno.AFNOSUPPORT;
        }
        if (thrown instanceof UnresolvedAddressException) {
            return Errno.NOENT;
        }
        if (thrown instanceof AlreadyBoundException || thrown instanceof NotYetBoundException) {
            return Errno.INVAL;
        }
        if (thrown instanceof AlreadyConnectedException) {
            return Errno.ISCONN;
        }
        if (thrown instanceof ConnectionPendingException) {
            return Errno.ALREADY;
        }
        if (thrown instanceof NotYetConnectedException) {
            return Errno.NOTCONN;
        }
        if (thrown instanceof SocketTimeoutException) {
            return Errno.TIMEDOUT;
        }
        return null;
    }

    private static Errno fallback(Throwable thrown) {
        if (thrown instanceof ConnectException) {
            return Errno.CONNREFUSED;
        }
        if (thrown instanceof UnsupportedOperationException) {
            return Errno.NOPROTOOPT;
        }
        if (thrown instanceof IllegalArgumentException) {
            return Errno.INVAL;
        }
        if (thrown instanceof SecurityException) {
            return Errno.ACCES;
        }
        return Errno.IO;
    }
}
