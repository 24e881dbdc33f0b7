package org.wasix4j.hostile;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.wasix4j.host.HostHarness;
import org.wasix4j.host.HostLinker;
import org.wasix4j.host.Imports;
import org.wasix4j.host.Signatures;
import org.wasix4j.types.SyscallSpec;

/** The import modules that a kind of guest knows, and the functions in them. */
enum GuestKind {
    CURRENT("wasi_snapshot_preview1", "wasix_32v1", "wasi"),
    LEGACY("wasix_32v1"),
    PREVIEW1("wasi_snapshot_preview1"),
    SNAPSHOT0("wasi_unstable");

    /** Ends of the guest, which a sequence should not come to all the time. */
    private static final Set<String> ENDS = Set.of("proc_exit", "proc_exit2", "thread_exit");

    /** What the threads of one guest quarrel about. */
    private static final Set<String> CONTESTED =
            Set.of(
                    "fd_close",
                    "fd_dup",
                    "fd_dup2",
                    "fd_renumber",
                    "fd_read",
                    "fd_write",
                    "fd_fdstat_set_flags",
                    "sock_bind",
                    "sock_listen",
                    "sock_connect",
                    "sock_accept",
                    "sock_accept_v2",
                    "sock_shutdown",
                    "sock_recv",
                    "sock_send",
                    "sock_recv_from",
                    "sock_send_to",
                    "sock_send_file",
                    "sock_pair",
                    "epoll_create",
                    "epoll_ctl",
                    "epoll_wait",
                    "poll_oneoff");

    private static final Imports IMPORTS = new Imports(HostLinker.modules());
    private static final Map<GuestKind, Functions> FUNCTIONS = new EnumMap<>(GuestKind.class);

    private final List<String> modules;

    GuestKind(String... modules) {
        this.modules = List.of(modules);
    }

    /** Whether it has sockets, threads and more, as WASIX has. */
    boolean isWasix() {
        return this == CURRENT || this == LEGACY;
    }

    HostHarness.Builder harness() {
        HostHarness.Builder builder = HostHarness.builder();
        return switch (this) {
            case CURRENT -> builder;
            case LEGACY -> builder.legacy();
            case PREVIEW1 -> builder.preview1();
            case SNAPSHOT0 -> builder.snapshot0();
        };
    }

    Functions functions() {
        synchronized (FUNCTIONS) {
            return FUNCTIONS.computeIfAbsent(this, kind -> new Functions(kind.modules));
        }
    }

    /** Whether the host serves a function, rather than to say that there is none. */
    static boolean isServed(SyscallSpec spec) {
        return IMPORTS.serves(spec);
    }

    /** What such a guest can call. */
    static final class Functions {
        private final List<SyscallSpec> all = new ArrayList<>();
        private final List<SyscallSpec> served = new ArrayList<>();
        private final List<SyscallSpec> contested = new ArrayList<>();
        private SyscallSpec close;

        private Functions(List<String> modules) {
            Signatures signatures = Signatures.load();
            for (String each : new TreeSet<>(signatures.names())) {
                String[] words = each.split(" ");
                if (modules.contains(words[0])) {
                    signatures.find(words[0], words[1]).forEach(this::add);
                }
            }
        }

        private void add(SyscallSpec spec) {
            all.add(spec);
            if (!isServed(spec) || ENDS.contains(spec.name())) {
                return;
            }
            for (int i = 0; i < weight(spec.name()); i++) {
                served.add(spec);
            }
            if (CONTESTED.contains(spec.name())) {
                contested.add(spec);
            }
            if (spec.name().equals("fd_close")) {
                close = spec;
            }
        }

        /** Functions with much behind them are called more often. */
        private static int weight(String function) {
            if (function.startsWith("sock_") || function.matches("epoll_.*|poll_.*")) {
                return 4;
            }
            return function.startsWith("path_") ? 3 : function.startsWith("fd_") ? 2 : 1;
        }

        /**
         * The next one to call.
         *
         * @param crowded whether there is hardly a descriptor left
         * @param raced whether other threads of the guest call too
         */
        SyscallSpec pick(Choices choices, boolean crowded, boolean raced) {
            if (choices.percent(4)) {
                SyscallSpec spec = choices.of(all);
                return ENDS.contains(spec.name()) && !choices.percent(5)
                        ? pick(choices, crowded, raced)
                        : spec;
            }
            if (choices.percent(crowded ? 20 : 1)) {
                return close;
            }
            return choices.of(raced && choices.percent(50) ? contested : served);
        }
    }
}
