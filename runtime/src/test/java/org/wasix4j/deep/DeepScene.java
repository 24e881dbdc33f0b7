package org.wasix4j.deep;

import static org.wasix4j.deep.DeepCall.at;

import java.util.ArrayList;
import java.util.List;

/**
 * What a guest does before it descends, and the call at the bottom.
 *
 * @param before calls near the top of the stack
 * @param last the call at the bottom, or null
 * @param bottom instructions in place of it, or null
 */
record DeepScene(String name, List<DeepCall> before, DeepCall last, byte[] bottom) {

    /** A kind of descriptor, with the calls that open it into {@link DeepData#FD}. */
    enum Subject {
        CLOSED,
        STDIN(DeepCall.of("fd_dup", 0, DeepData.FD)),
        STDOUT(DeepCall.of("fd_dup", 1, DeepData.FD)),
        FILE(DeepCall.of("path_open", 3, 1, DeepData.FILE, 0, -1L, -1L, 0, DeepData.FD)),
        FOLDER(DeepCall.of("path_open", 3, 1, DeepData.FOLDER, 2, -1L, -1L, 0, DeepData.FD)),
        PIPE(DeepCall.of("fd_pipe", DeepData.FD, DeepData.PEER)),
        EVENT(DeepCall.of("fd_event", 1L, 0, DeepData.FD)),
        EPOLL(DeepCall.of("epoll_create", DeepData.FD)),
        TCP(
                DeepCall.of("sock_open", 1, 1, 0, DeepData.FD),
                DeepCall.of("fd_fdstat_set_flags", at(DeepData.FD), 4)),
        LISTENER(
                DeepCall.of("sock_open", 1, 1, 0, DeepData.FD),
                DeepCall.of("fd_fdstat_set_flags", at(DeepData.FD), 4),
                DeepCall.of("sock_bind", at(DeepData.FD), DeepData.ANY4),
                DeepCall.of("sock_listen", at(DeepData.FD), 4)),
        QUEUED(
                DeepCall.of("sock_open", 1, 1, 0, DeepData.FD),
                DeepCall.of("sock_bind", at(DeepData.FD), DeepData.ANY4),
                DeepCall.of("sock_listen", at(DeepData.FD), 4),
                DeepCall.of("sock_addr_local", at(DeepData.FD), DeepData.ADDRESS),
                DeepCall.of("sock_open", 1, 1, 0, DeepData.PEER),
                DeepCall.of("sock_connect", at(DeepData.PEER), DeepData.ADDRESS)),
        CONNECTED(
                DeepCall.of("sock_open", 1, 1, 0, DeepData.LISTENER),
                DeepCall.of("sock_bind", at(DeepData.LISTENER), DeepData.ANY4),
                DeepCall.of("sock_listen", at(DeepData.LISTENER), 4),
                DeepCall.of("sock_addr_local", at(DeepData.LISTENER), DeepData.ADDRESS),
                DeepCall.of("sock_open", 1, 1, 0, DeepData.FD),
                DeepCall.of("sock_connect", at(DeepData.FD), DeepData.ADDRESS),
                DeepCall.of(
                        "sock_accept_v2", at(DeepData.LISTENER), 0, DeepData.PEER, DeepData.OUT),
                DeepCall.of("sock_send", at(DeepData.PEER), DeepData.IOVECS, 1, 0, DeepData.OUT),
                DeepCall.of("fd_fdstat_set_flags", at(DeepData.FD), 4)),
        UDP(
                DeepCall.of("sock_open", 1, 2, 0, DeepData.FD),
                DeepCall.of("fd_fdstat_set_flags", at(DeepData.FD), 4)),
        UDP_BOUND(
                DeepCall.of("sock_open", 1, 2, 0, DeepData.FD),
                DeepCall.of("fd_fdstat_set_flags", at(DeepData.FD), 4),
                DeepCall.of("sock_bind", at(DeepData.FD), DeepData.ANY4),
                DeepCall.of("sock_addr_local", at(DeepData.FD), DeepData.ADDRESS)),
        TCP6(DeepCall.of("sock_open", 2, 1, 0, DeepData.FD)),
        UNIX(
                DeepCall.of("sock_open", 3, 1, 0, DeepData.FD),
                DeepCall.of("fd_fdstat_set_flags", at(DeepData.FD), 4)),
        PAIR(DeepCall.of("sock_pair", 3, 1, 0, DeepData.FD, DeepData.PEER));

        private final List<DeepCall> opening;

        Subject(DeepCall... opening) {
            this.opening = List.of(opening);
        }
    }

    /** A call on a kind of descriptor, which is in {@link DeepData#FD}. */
    static DeepScene on(Subject subject, String name, Object... arguments) {
        return of(subject, DeepCall.of(name, arguments));
    }

    static DeepScene of(Subject subject, DeepCall last) {
        return new DeepScene(
                last.function().name()
                        + (subject == Subject.CLOSED ? "" : " " + subject.name().toLowerCase()),
                subject.opening,
                last,
                null);
    }

    /** Instructions in place of a call. */
    static DeepScene of(String name, int... instructions) {
        byte[] code = new byte[instructions.length];
        for (int i = 0; i < code.length; i++) {
            code[i] = (byte) instructions[i];
        }
        return new DeepScene(name, List.of(), null, code);
    }

    /** The same with more calls near the top. */
    DeepScene after(DeepCall... calls) {
        List<DeepCall> more = new ArrayList<>(before);
        more.addAll(List.of(calls));
        return new DeepScene(name, more, last, bottom);
    }

    byte[] module() {
        return DeepModule.of(before, last, bottom, 1);
    }
}
