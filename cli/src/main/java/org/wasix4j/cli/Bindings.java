package org.wasix4j.cli;

import java.net.BindException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.wasix4j.types.Nullable;

/** Explains why a port of this machine cannot be used, and what to do. */
final class Bindings {

    private static final Pattern PORT = Pattern.compile(":(\\d{1,5})\\b(?!.*:\\d)");
    private static final String IN_USE = "Address already in use";
    private static final String NOT_PERMITTED = "Permission denied";
    private static final String NO_SUCH_ADDRESS = "Cannot assign requested address";

    private Bindings() {}

    /** A clause for what was thrown by a bind of an address that ends with a port. */
    static String explain(String address, @Nullable String reason) {
        if (reason == null) {
            return "the system refuses it";
        }
        if (reason.contains(IN_USE)) {
            Matcher port = PORT.matcher(address);
            return "the port is in use"
                    + (port.find()
                            ? PortHolder.here()
                                    .of(Integer.parseInt(port.group(1)))
                                    .map(holder -> " by " + holder)
                                    .orElse("")
                            : "");
        }
        if (reason.contains(NOT_PERMITTED)) {
            return "permission denied: a port below net.ipv4.ip_unprivileged_port_start"
                    + " needs CAP_NET_BIND_SERVICE";
        }
        return reason.contains(NO_SUCH_ADDRESS) ? "this machine has no such address" : reason;
    }

    /** The message of what a start has thrown; with the reason when a port cannot be opened. */
    static String sentence(Throwable thrown) {
        String message = thrown.getMessage();
        if (message == null) {
            return thrown.toString();
        }
        int reason = message.lastIndexOf(": ");
        return reason < 0
                ? message
                : message.substring(0, reason + 2)
                        + explain(
                                message.substring(0, reason),
                                thrown,
                                message.substring(reason + 2));
    }

    /** As {@link #explain}, for what a listener of an option threw; else its own message. */
    static String explain(String address, Throwable thrown) {
        return explain(address, thrown, thrown.getMessage());
    }

    private static String explain(String address, Throwable thrown, @Nullable String otherwise) {
        for (Throwable e = thrown; e != null; e = e.getCause()) {
            if (e instanceof BindException) {
                return explain(address, e.getMessage());
            }
        }
        return otherwise == null ? thrown.toString() : otherwise;
    }
}
