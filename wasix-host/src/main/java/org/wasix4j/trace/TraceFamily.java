package org.wasix4j.trace;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** Families of calls, to choose what is traced. */
public enum TraceFamily {
    /** Sockets, names, interfaces. */
    SOCK,
    /** Waiting for several things at once. */
    POLL,
    /** Descriptors, pipes. */
    FD,
    /** Paths and the working directory. */
    PATH,
    /** Clocks and sleeping. */
    CLOCK,
    /** The process: arguments, environment, signals, its end, and all that is nowhere else. */
    PROC,
    /** Threads and what they wait for of each other. */
    THREAD;

    /** {@return all of them} */
    public static Set<TraceFamily> all() {
        return EnumSet.allOf(TraceFamily.class);
    }

    /**
     * Families of a list, {@code sock,poll}.
     *
     * @param list names, separated by commas
     * @return the families
     * @throws IllegalArgumentException names what is none
     */
    public static Set<TraceFamily> parse(String list) {
        Set<TraceFamily> families = EnumSet.noneOf(TraceFamily.class);
        for (String word : list.split(",", -1)) {
            families.add(parseOne(word.strip()));
        }
        return families;
    }

    private static TraceFamily parseOne(String word) {
        for (TraceFamily family : values()) {
            if (family.word().equals(word)) {
                return family;
            }
        }
        throw new IllegalArgumentException(
                "'" + word + "' is not one of sock, poll, fd, path, clock, proc, thread");
    }

    /** {@return the word for it} */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * {@return the family of a function}
     *
     * @param function the name of the function, as imported
     */
    public static TraceFamily of(String function) {
        if (function.startsWith("epoll_")) {
            return POLL;
        }
        int end = function.indexOf('_');
        return switch (end < 0 ? function : function.substring(0, end)) {
            case "sock", "resolve", "port", "ws", "http" -> SOCK;
            case "poll" -> POLL;
            case "fd" -> function.equals("fd_event") ? POLL : FD;
            case "path", "chdir", "getcwd" -> PATH;
            case "clock" -> CLOCK;
            case "thread", "thread-spawn", "futex", "sched", "context" ->
                    function.equals("thread_sleep") ? CLOCK : THREAD;
            default -> PROC;
        };
    }
}
