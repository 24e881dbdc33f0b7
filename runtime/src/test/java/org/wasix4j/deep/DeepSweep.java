package org.wasix4j.deep;

import java.io.OutputStream;
import java.lang.instrument.Instrumentation;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.wasix4j.policy.Decision;
import org.wasix4j.policy.Limits;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.runtime.Engine;
import org.wasix4j.runtime.ExitStatus;
import org.wasix4j.runtime.Invocation;
import org.wasix4j.runtime.ProcessListener;
import org.wasix4j.runtime.WasixModule;
import org.wasix4j.runtime.WasixProcess;
import org.wasix4j.runtime.WasixRuntime;

/**
 * A JVM in which guests make their first host calls at the end of their stacks, at every depth;
 * then it is looked whether the JVM is as it was. Its arguments: a folder, an engine, how many
 * levels one attempt is above the last, and names of groups of {@link DeepScenes}.
 *
 * <p>What it finds it prints, a line each, and ends with 1.
 */
public final class DeepSweep {

    /** Small, so that a descent is short; the distance from the end is what counts. */
    public static final long STACK = 512 << 10;

    /** All but a network, to be denied something. */
    private static final NetworkPolicy POLICY =
            NetworkPolicy.parse(
                    "dns:allow=*:*, ipv4:allow=127.0.0.1:*, ipv6:allow=[::1]:*, unix:allow=*");

    /** So many calls in a row that came back end a sweep. */
    private static final int ENOUGH = 6;

    private static volatile Instrumentation instrumentation;

    private final Path volume;
    private final Engine engine;
    private final int step;
    private final List<String> faults = new ArrayList<>();

    private DeepSweep(Path volume, Engine engine, int step) {
        this.volume = volume;
        this.engine = engine;
        this.step = step;
    }

    /** The JVM hands over what knows every class. */
    public static void premain(String arguments, Instrumentation given) {
        instrumentation = given;
    }

    public static void main(String[] args) throws Exception {
        DeepSweep sweep =
                new DeepSweep(Path.of(args[0]), Engine.valueOf(args[1]), Integer.parseInt(args[2]));
        Map<String, List<DeepScene>> groups = DeepScenes.all();
        sweep.warm();
        for (String group : List.of(args).subList(3, args.length)) {
            for (DeepScene scene : groups.get(group)) {
                sweep.sweep(group, scene);
            }
        }
        sweep.look();
        sweep.faults.forEach(System.out::println);
        System.exit(sweep.faults.isEmpty() ? 0 : 1);
    }

    /** Names of groups with the calls that do most with the JVM. */
    public static List<String> groups() {
        return DeepScenes.all().keySet().stream()
                .filter(name -> name.startsWith("representative"))
                .toList();
    }

    /** Names of groups, a group a function. */
    public static List<String> allGroups() {
        return List.copyOf(DeepScenes.all().keySet());
    }

    // ---- guests

    /**
     * A guest that has the host's own code compiled, which needs less stack then, and can call
     * deeper: the code of the JVM that it calls stays as it was. Compiling is not in the background
     * here, so it is done when the guests are.
     */
    private void warm() throws Exception {
        WasixModule module = WasixModule.load("warm", DeepScenes.warming().module(), engine);
        for (int i = 0; i < 300; i++) {
            ExitStatus status = run(module, 0);
            if (!ended(status)) {
                throw new IllegalStateException(status.toString());
            }
        }
    }

    private void sweep(String group, DeepScene scene) throws Exception {
        long begin = System.nanoTime();
        WasixModule module = WasixModule.load("deep", scene.module(), engine);
        int deepest = deepest(module);
        Map<String, Integer> outcomes = new TreeMap<>();
        int back = 0;
        int trials = 0;
        int first = deepest + deepest / 50;
        int reached = 0;
        for (int level = first; level >= 0 && back < ENOUGH; level -= step) {
            ExitStatus status = run(module, level);
            trials++;
            String outcome =
                    status.kind()
                            + (status.kind() == ExitStatus.Kind.EXITED
                                    ? ""
                                    : " " + status.message());
            outcomes.merge(outcome, 1, Integer::sum);
            boolean traps =
                    status.message() != null && status.message().contains("stack exhausted");
            back = traps ? 0 : back + 1;
            reached = level;
            if (status.kind() == ExitStatus.Kind.FAILED
                    || String.valueOf(status.cause()).contains("NoClassDef")) {
                faults.add(
                        scene.name()
                                + " at level "
                                + level
                                + " of "
                                + deepest
                                + ": "
                                + status
                                + " "
                                + status.cause());
                break;
            }
        }
        System.out.printf(
                "%s: %s, %d guests, deepest %d, back from %d, %d ms, %s%n",
                group,
                scene.name(),
                trials,
                deepest,
                reached,
                (System.nanoTime() - begin) / 1_000_000,
                outcomes);
    }

    /** How many levels come back without a call. */
    private int deepest(WasixModule module) throws Exception {
        int deepest = 64;
        while (ended(run(module, -deepest * 2 - 1))) {
            deepest *= 2;
        }
        for (int bit = deepest / 2; bit > 0; bit /= 2) {
            if (ended(run(module, -(deepest + bit) - 1))) {
                deepest += bit;
            }
        }
        return deepest;
    }

    private static boolean ended(ExitStatus status) {
        return status.kind() == ExitStatus.Kind.EXITED;
    }

    private ExitStatus run(WasixModule module, int levels) throws Exception {
        WasixRuntime runtime =
                WasixRuntime.builder()
                        .withNetworkPolicy(POLICY)
                        .withDirectory(volume, "/")
                        .withStdout(new Logging())
                        .withListener(new Logging())
                        .withThreadFactory(DeepSweep::thread)
                        .withLimits(Limits.defaults().withTimeout(Duration.ofSeconds(10)))
                        .withInvocation(
                                new Invocation(
                                        "run", List.of(Integer.toString(levels)), words -> {}))
                        .build();
        try (WasixProcess guest = runtime.start(module)) {
            return guest.waitFor();
        }
    }

    private static Thread thread(Runnable body, String name, long stack) {
        Thread thread = new Thread(null, body, name, STACK);
        thread.setDaemon(true);
        return thread;
    }

    /** An embedder whose stream and listener use what a library of logging uses. */
    private static final class Logging extends OutputStream implements ProcessListener {

        @Override
        public void write(int octet) {
            log("wrote " + octet);
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            log("wrote " + length);
        }

        @Override
        public void denied(Decision decision) {
            log("denied " + decision);
        }

        private static void log(String text) {
            System.getLogger("org.wasix4j.deep").log(System.Logger.Level.DEBUG, () -> text);
            java.util.logging.Logger.getLogger("deep")
                    .fine(() -> String.format("%s %.1f", text, 1.0));
        }
    }

    // ---- the JVM after them

    private void look() throws Exception {
        attempt("a selector and sockets", DeepSweep::useSockets);
        attempt("names", () -> InetAddress.getAllByName("localhost"));
        attempt("interfaces", () -> NetworkInterface.networkInterfaces().count());
        attempt(
                "files",
                () -> {
                    Path file = Files.createTempFile("deep", "sweep");
                    try (var listed = Files.newDirectoryStream(file.getParent())) {
                        listed.iterator().hasNext();
                    }
                    Files.delete(file);
                    return null;
                });
        attempt(
                "logging",
                () -> {
                    System.getLogger("after").log(System.Logger.Level.DEBUG, "after");
                    return null;
                });
        for (DeepScene scene :
                List.of(
                        DeepScene.on(
                                DeepScene.Subject.CONNECTED,
                                "sock_recv",
                                DeepCall.at(DeepData.FD),
                                DeepData.IOVECS,
                                2,
                                0,
                                DeepData.OUT,
                                DeepData.OUT2))) {
            ExitStatus status = run(WasixModule.load("fresh", scene.module(), engine), 1);
            if (!ended(status)) {
                faults.add("a fresh guest: " + status + " " + status.cause());
            }
        }
        if (instrumentation != null) {
            TreeSet<String> dead = new TreeSet<>();
            for (Class<?> type : instrumentation.getAllLoadedClasses()) {
                if (type.isArray() || type.isPrimitive() || type.isHidden()) {
                    continue;
                }
                try {
                    Class.forName(type.getName(), true, type.getClassLoader());
                } catch (NoClassDefFoundError e) {
                    if (String.valueOf(e.getMessage()).startsWith("Could not initialize")) {
                        dead.add(type.getName());
                    }
                } catch (Throwable e) {
                    // it cannot be initialised in any JVM, or is no class by that name
                }
            }
            dead.forEach(name -> faults.add("dead class: " + name));
        }
    }

    private static Object useSockets() throws Exception {
        try (Selector selector = Selector.open();
                ServerSocketChannel server = ServerSocketChannel.open();
                DatagramChannel datagrams = DatagramChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            datagrams.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            datagrams.send(ByteBuffer.allocate(4), datagrams.getLocalAddress());
            try (SocketChannel client = SocketChannel.open(server.getLocalAddress());
                    SocketChannel accepted = server.accept()) {
                client.write(new ByteBuffer[] {ByteBuffer.allocate(3), ByteBuffer.allocate(4)});
                accepted.read(new ByteBuffer[] {ByteBuffer.allocate(3), ByteBuffer.allocate(4)});
                datagrams.configureBlocking(false);
                datagrams.register(selector, 1);
                selector.select(1000);
            }
        }
        return null;
    }

    private void attempt(String what, java.util.concurrent.Callable<?> use) {
        try {
            use.call();
        } catch (Throwable e) {
            faults.add(
                    "the embedder, "
                            + what
                            + ": "
                            + e
                            + " "
                            + Arrays.toString(Arrays.copyOf(e.getStackTrace(), 3)));
        }
    }
}
