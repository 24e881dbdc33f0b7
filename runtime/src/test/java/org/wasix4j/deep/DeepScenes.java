package org.wasix4j.deep;

import static org.wasix4j.deep.DeepCall.at;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.wasix4j.deep.DeepScene.Subject;
import org.wasix4j.types.SockOption;

/** Every host function with plausible arguments, and the instructions that need the engine. */
final class DeepScenes {

    /** Options of sockets go through one function a kind. */
    private static final Set<String> OPTIONS =
            Set.of(
                    "sock_get_opt_flag",
                    "sock_get_opt_size",
                    "sock_get_opt_time",
                    "sock_set_opt_flag",
                    "sock_set_opt_size",
                    "sock_set_opt_time");

    private DeepScenes() {}

    /**
     * Those that do most with the JVM, in groups for a JVM each. What stands first in a group finds
     * a JVM that has done nothing; what follows needs other classes of the JDK.
     */
    static Map<String, List<DeepScene>> representative() {
        List<DeepScene> bind =
                List.of(
                        DeepScene.on(Subject.TCP, "sock_bind", at(DeepData.FD), DeepData.ANY4),
                        DeepScene.on(
                                Subject.TCP, "sock_bind", at(DeepData.FD), DeepData.FORBIDDEN));
        DeepScene wait =
                single("epoll_wait", Subject.EPOLL)
                        .after(
                                DeepCall.of("fd_pipe", DeepData.PEER, DeepData.OTHER),
                                DeepCall.of(
                                        "epoll_ctl",
                                        at(DeepData.FD),
                                        1,
                                        at(DeepData.PEER),
                                        DeepData.EVENT));
        Map<String, List<DeepScene>> groups = new LinkedHashMap<>();
        groups.put("bind", bind);
        groups.put(
                "names and files",
                group(
                        bind,
                        List.of(
                                single("port_addr_list", Subject.CLOSED),
                                single("resolve", Subject.CLOSED),
                                single("fd_readdir", Subject.FOLDER),
                                single("path_open", Subject.CLOSED),
                                single("path_symlink", Subject.CLOSED),
                                single("fd_filestat_set_times", Subject.FILE)),
                        instructions().subList(0, 5)));
        groups.put(
                "waiting",
                List.of(
                        single("sock_open", Subject.CLOSED),
                        single("poll_oneoff", Subject.UDP_BOUND),
                        wait,
                        single("random_get", Subject.CLOSED)));
        groups.put(
                "transfer",
                List.of(
                        single("sock_connect", Subject.TCP),
                        single("fd_write", Subject.CONNECTED),
                        single("sock_recv", Subject.CONNECTED),
                        single("sock_send_to", Subject.UDP_BOUND),
                        single("fd_write", Subject.STDOUT)));
        return groups;
    }

    @SafeVarargs
    private static List<DeepScene> group(List<DeepScene>... parts) {
        return Stream.of(parts).flatMap(List::stream).toList();
    }

    private static DeepScene single(String name, Subject subject) {
        return scene(HostFunction.named(name), subject, 0);
    }

    private static DeepScene scene(HostFunction function, Subject subject, int option) {
        DeepScene scene = DeepScene.of(subject, plausible(function, option));
        return function.kinds().contains("&subscription")
                ? scene.after(DeepCall.of("fd_dup", at(DeepData.FD), DeepData.SUBSCRIPTIONS + 16))
                : scene;
    }

    /** Every function on every kind of descriptor, a group a function. */
    static Map<String, List<DeepScene>> all() {
        Map<String, List<DeepScene>> groups = new LinkedHashMap<>();
        for (HostFunction function : HostFunction.ALL) {
            if (!function.module().equals("wasix_32v1") && !function.module().equals("wasi")) {
                continue;
            }
            boolean onDescriptor =
                    function.kinds().contains("fd") || function.kinds().contains("&subscription");
            List<DeepScene> scenes = new ArrayList<>();
            for (Subject subject : Subject.values()) {
                if (!onDescriptor && subject != Subject.CLOSED) {
                    continue;
                }
                int options =
                        OPTIONS.contains(function.name())
                                        && (subject == Subject.CONNECTED
                                                || subject == Subject.LISTENER
                                                || subject == Subject.UDP_BOUND)
                                ? SockOption.values().length
                                : 1;
                for (int option = 0; option < options; option++) {
                    scenes.add(scene(function, subject, option));
                }
            }
            groups.merge(
                    function.name(),
                    scenes,
                    (one, other) -> {
                        List<DeepScene> both = new ArrayList<>(one);
                        both.addAll(other);
                        return both;
                    });
        }
        for (DeepScene scene : instructions()) {
            groups.put(scene.name(), List.of(scene));
        }
        representative().forEach((name, scenes) -> groups.put("representative " + name, scenes));
        return groups;
    }

    /** The first of them need most of the engine. */
    private static List<DeepScene> instructions() {
        return List.of(
                DeepScene.of("memory.grow", 0x41, 1, 0x40, 0, 0x1a),
                DeepScene.of("table.grow", 0xd0, 0x70, 0x41, 1, 0xfc, 15, 0, 0x1a),
                DeepScene.of("out of bounds", 0x41, 0x7f, 0x28, 2, 0, 0x1a),
                DeepScene.of("throw", 0x08, 0),
                DeepScene.of("atomic.notify", 0x41, 0, 0x41, 1, 0xfe, 0x00, 2, 0, 0x1a),
                DeepScene.of("memory.fill", 0x41, 0, 0x41, 0, 0x41, 8, 0xfc, 11, 0),
                DeepScene.of("memory.copy", 0x41, 0, 0x41, 8, 0x41, 8, 0xfc, 10, 0, 0),
                DeepScene.of("table.fill", 0x41, 0, 0xd0, 0x70, 0x41, 1, 0xfc, 17, 0),
                DeepScene.of("division by zero", 0x41, 1, 0x41, 0, 0x6d, 0x1a),
                DeepScene.of("unreachable", 0x00),
                DeepScene.of("call_indirect", 0x41, 0, 0x41, 1, 0x11, 0, 0, 0x1a),
                DeepScene.of("trunc", 0x43, 0, 0, 0xc0, 0x7f, 0xa8, 0x1a),
                DeepScene.of("atomic.rmw.add", 0x41, 0, 0x41, 1, 0xfe, 0x1e, 2, 0, 0x1a),
                DeepScene.of("nearest", 0x43, 0, 0, 0x20, 0x40, 0x90, 0x1a),
                DeepScene.of("popcnt", 0x42, 5, 0x7b, 0x1a));
    }

    /** A host call that does nearly nothing, made many times. */
    static DeepScene warming() {
        DeepCall call = DeepCall.of("thread_id", DeepData.OUT);
        int[] loop = {
            0x03,
            0x40,
            0x41,
            DeepData.OUT & 0x7f | 0x80,
            DeepData.OUT >> 7,
            0x10,
            0,
            0x1a,
            0x20,
            0,
            0x41,
            1,
            0x6a,
            0x22,
            0,
            0x41,
            0xe4,
            0x00,
            0x48,
            0x0d,
            0,
            0x0b
        };
        DeepScene scene = DeepScene.of("warming", loop);
        return scene.after(call);
    }

    /** A call with arguments that it can do something with. */
    private static DeepCall plausible(HostFunction function, int option) {
        List<Object> arguments = new ArrayList<>();
        int out = DeepData.OUT;
        for (int i = 0; i < function.kinds().size(); i++) {
            String kind = function.kinds().get(i);
            if (kind.startsWith("*")) {
                arguments.add(kind.equals("*u8") || kind.equals("**u8") ? DeepData.ROOM : out);
                out = out == DeepData.OUT ? DeepData.OUT2 : DeepData.OUT3;
                if (kind.equals("**u8")) {
                    arguments.set(i, DeepData.ROOM + DeepData.ROOM_SIZE);
                }
                if (kind.equals("*addr_ip")) {
                    arguments.set(i, DeepData.ADDRESSES);
                }
                continue;
            }
            arguments.add(
                    switch (kind) {
                        case "fd" -> at(DeepData.FD);
                        case "string" -> text(function.name(), i);
                        case "len" -> (int) text(function.name(), i - 1, true);
                        case "iovecs", "ciovecs", "u8s" -> DeepData.IOVECS;
                        case "count" -> 2;
                        case "&addr_port" ->
                                function.name().equals("sock_bind")
                                        ? DeepData.ANY4
                                        : DeepData.ADDRESS;
                        case "&addr_ip4" -> i == 1 ? DeepData.GROUP4 : DeepData.ANY4 + 4;
                        case "&addr_ip6" -> DeepData.GROUP6;
                        case "&subscription" -> DeepData.SUBSCRIPTIONS;
                        case "&epoll_event" -> DeepData.EVENT;
                        case "&option_timestamp" -> DeepData.TIME;
                        case "size", "pointersize", "u16" -> kind.equals("size") ? 2 : 64;
                        case "timestamp" -> 1_000_000;
                        case "filesize" -> 16;
                        case "sock_option" -> option;
                        case "sdflags" -> 3;
                        case "address_family", "sock_type", "epoll_ctl" -> 1;
                        case "advice", "whence", "clockid" -> 0;
                        case "fstflags" -> 5;
                        case "rights" -> -1;
                        case "thread_start" -> 0;
                        default -> kind.startsWith("&") ? DeepData.ANY4 : 1;
                    });
        }
        return DeepCall.of(function, arguments.toArray());
    }

    private static int text(String function, int parameter) {
        return (int) text(function, parameter, false);
    }

    private static long text(String function, int parameter, boolean length) {
        long[] place =
                switch (function) {
                    case "resolve" -> DeepData.LOCALHOST;
                    case "path_create_directory", "path_symlink" ->
                            parameter == 0 ? DeepData.FILE : DeepData.NEW;
                    case "path_link", "path_rename" -> parameter < 4 ? DeepData.FILE : DeepData.NEW;
                    case "path_unlink_file" -> DeepData.NEW;
                    case "path_readlink" -> DeepData.LINK;
                    case "chdir" -> DeepData.FOLDER;
                    default -> DeepData.FILE;
                };
        return length ? place[1] : place[0];
    }
}
