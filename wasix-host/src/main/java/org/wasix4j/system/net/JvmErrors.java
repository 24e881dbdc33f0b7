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
import java.util.Set;
import org.wasix4j.system.error.ErrorTexts;
import org.wasix4j.system.error.ErrorTexts.Domain;
import org.wasix4j.system.error.LocalizedErrors;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * Translates what the JVM throws at a channel to an errno: by its class where that decides, else by
 * its text ({@link ErrorTexts}). What only our own states can know (already connected, not a
 * socket, not supported) never gets here.
 */
public final class JvmErrors {

    /** What is no failure of the host. */
    private static final Set<Errno> EVERYDAY =
            EnumSet.of(
                    // a unix listener whose queue is full; a unix socket of another type
                    Errno.AGAIN,
                    Errno.PROTOTYPE,
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

    /** The errno of what an operation on an internet socket threw; {@code io} when unknown. */
    public static Errno of(Throwable thrown) {
        return of(thrown, Domain.SOCKET);
    }

    private static Errno of(Throwable thrown, Domain domain) {
        Errno known = byClass(thrown);
        if (known == null) {
            known = ErrorTexts.errno(thrown.getMessage(), domain);
        }
        return known != null ? known : fallback(thrown);
    }

    /**
     * As {@link #of}, and reports the host's own text to the observer. Not reported are the errors
     * that peers and networks cause every day, a channel that another thread has closed, and
     * anything while the process ends, which interrupts its threads wherever they are.
     */
    static Errno translate(NetContext net, Domain domain, String operation, Exception thrown) {
        Errno errno = of(thrown, domain);
        if (!net.isEnding() && !EVERYDAY.contains(errno)) {
            net.reporter().hostError(operation, thrown);
        }
        return errno;
    }

    private static @Nullable Errno byClass(Throwable thrown) {
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
