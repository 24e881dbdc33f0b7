package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.dylibso.chicory.runtime.ByteArrayMemory;
import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.ProcessSettings;
import org.wasix4j.system.fs.Mounts;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.trace.SyscallListener;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SyscallSpec;

/**
 * A guest without a program: a module that imports every function of the ABI, instantiated on a
 * plain Chicory {@code Instance}, whose imports a test calls as the guest's code would. The calls
 * go through the binder and the choke point; only the engine's call instruction is missing.
 *
 * <pre>{@code
 * try (HostHarness guest = HostHarness.create()) {
 *     int out = guest.alloc(4);
 *     assertThat(guest.call("fd_write", 1, guest.iovec("hello"), 1, out)).isEqualTo(Errno.SUCCESS);
 *     assertThat(guest.i32(out)).isEqualTo(5);
 * }
 * }</pre>
 *
 * <p>Memory is handed out by {@link #alloc} and never given back, filled with {@code 0xEE} so that
 * a forgotten out value shows. The test's own thread is the guest's first thread; {@link #spawn}
 * runs more.
 */
public final class HostHarness implements AutoCloseable {

    private static final int PAGES = 256;
    private static final int FIRST_ADDRESS = 1024;

    private final GuestProcess process;
    private final AbiProfile profile;
    private final List<String> modules;
    private final Instance instance;
    private final Map<String, ImportFunction> functions = new HashMap<>();
    private final AtomicInteger top = new AtomicInteger(FIRST_ADDRESS);
    private final int end;

    /** Those of {@link #spawn}; a test and what prepares it may be other threads of the guest. */
    private final Set<GuestThread> spawned = ConcurrentHashMap.newKeySet();

    private HostHarness(Builder builder) {
        process = new GuestProcess(builder.process, builder.mounts);
        profile = builder.profile;
        modules = builder.modules;
        end = builder.pages * Memory.PAGE_SIZE;
        WasmModule module =
                Parser.parse(ImportEverything.module(modules, builder.pages, builder.tables));
        Imports.Linked linked = new HostLinker(process, builder.listener).link(module, profile);
        if (!linked.unknown().isEmpty()) {
            throw new AssertionError("unknown imports: " + linked.unknown());
        }
        for (ImportFunction function : linked.functions()) {
            functions.put(
                    key(function.module(), function.name(), function.paramTypes().size()),
                    function);
        }
        instance =
                Instance.builder(module)
                        .withMemoryFactory(builder.memory)
                        .withImportValues(
                                ImportValues.builder().withFunctions(linked.functions()).build())
                        .build();
    }

    /** A guest of the current generation with nothing granted. */
    public static HostHarness create() {
        return builder().build();
    }

    /** A guest of the current generation; {@code setUp} grants. */
    public static HostHarness create(UnaryOperator<ProcessSettings> setUp) {
        return builder().with(setUp).build();
    }

    /** As {@link #create(UnaryOperator)}, with directories. */
    public static HostHarness create(Mounts mounts, UnaryOperator<ProcessSettings> setUp) {
        return builder().mounts(mounts).with(setUp).build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** What kind of guest. */
    public static final class Builder {
        private ProcessSettings process = ProcessSettings.defaults();
        private Mounts mounts = Mounts.none();
        private AbiProfile profile = AbiProfile.CURRENT;
        private List<String> modules = List.of("wasi_snapshot_preview1", "wasix_32v1", "wasi");
        private Function<MemoryLimits, Memory> memory = ByteArrayMemory::new;
        private SyscallListener listener;
        private List<Signatures> tables = List.of(Signatures.load(), Signatures.newer());
        private int pages = PAGES;

        /** Arguments, environment, policy, limits. */
        public Builder with(UnaryOperator<ProcessSettings> setUp) {
            process = setUp.apply(process);
            return this;
        }

        /** The directories that are granted; none unless set. */
        public Builder mounts(Mounts granted) {
            mounts = granted;
            return this;
        }

        /** A guest of the first generation: everything comes from {@code wasix_32v1}. */
        public Builder legacy() {
            profile = AbiProfile.LEGACY;
            modules = List.of("wasix_32v1");
            return this;
        }

        /** A guest that knows {@code wasi_snapshot_preview1} only. */
        public Builder preview1() {
            profile = AbiProfile.PREVIEW1;
            modules = List.of("wasi_snapshot_preview1");
            return this;
        }

        /** A guest of preview1 that also imports the socket functions which others added to it. */
        public Builder wasip1Sockets() {
            tables = List.of(Signatures.load(), Signatures.wasip1Sockets());
            return preview1();
        }

        /** A guest that knows {@code wasi_unstable} only. */
        public Builder snapshot0() {
            profile = AbiProfile.PREVIEW1;
            modules = List.of("wasi_unstable");
            return this;
        }

        /** What the guest's memory is made by; {@link ByteArrayMemory} unless set. */
        public Builder memory(Function<MemoryLimits, Memory> factory) {
            memory = factory;
            return this;
        }

        /** The receiver of every call; none unless set. */
        public Builder listener(SyscallListener receiver) {
            listener = receiver;
            return this;
        }

        /** How many pages of memory it has, -1 for no memory at all; 256 unless set. */
        public Builder pages(int count) {
            pages = count;
            return this;
        }

        public HostHarness build() {
            return new HostHarness(this);
        }
    }

    // ---- calling

    /**
     * Calls a function from the first of the guest's modules that has it; {@code
     * "wasix_32v1.sock_accept"} names the module. Of two types of one name the number of arguments
     * decides. An i32 may be given signed or unsigned.
     */
    public Errno call(String name, long... args) {
        long[] result = invoke(name, args);
        return Errno.of((int) result[0]);
    }

    /** Calls a function and demands success. */
    public void ok(String name, long... args) {
        Errno errno = call(name, args);
        if (errno != Errno.SUCCESS) {
            throw new AssertionError(name + " answered " + errno);
        }
    }

    /** Calls a function whose last parameter is an out pointer to four bytes; demands success. */
    public int get(String name, long... args) {
        int out = alloc(4);
        long[] all = java.util.Arrays.copyOf(args, args.length + 1);
        all[args.length] = out;
        ok(name, all);
        return i32(out);
    }

    /** Calls a function without an errno: its raw results, none for void. */
    public long[] invoke(String name, long... args) {
        return function(name, args.length).handle().apply(instance, args.clone());
    }

    /** Whether a module of the guest's has a function of that name and so many parameters. */
    boolean knows(String module, String name, int arity) {
        return functions.containsKey(key(module, name, arity));
    }

    private ImportFunction function(String name, int arity) {
        int dot = name.indexOf('.');
        List<String> places = dot < 0 ? modules : List.of(name.substring(0, dot));
        for (String place : places) {
            ImportFunction function = functions.get(key(place, name.substring(dot + 1), arity));
            if (function != null) {
                return function;
            }
        }
        throw new AssertionError(
                "no function " + name + " with " + arity + " parameters in " + places);
    }

    private static String key(String module, String name, int arity) {
        return module + '.' + name + '/' + arity;
    }

    /** Runs something on a guest thread of its own; what it throws is in the future. */
    public <T> CompletableFuture<T> spawn(Callable<T> body) {
        GuestThread guest = process.threads().create();
        spawned.add(guest);
        CompletableFuture<T> future = new CompletableFuture<>();
        Thread thread =
                new Thread(
                        () -> {
                            process.threads().enter(guest);
                            try {
                                future.complete(body.call());
                            } catch (Throwable e) {
                                future.completeExceptionally(e);
                            } finally {
                                spawned.remove(guest);
                                process.leave(guest);
                            }
                        },
                        "guest " + guest.tid());
        thread.setDaemon(true);
        thread.start();
        return future;
    }

    /** Waits until so many threads of the guest wait for something. */
    public void awaitWaiting(int threads) {
        await().until(
                        () -> {
                            int waiting = 0;
                            for (GuestThread thread : process.threads()) {
                                waiting += thread.isWaiting() ? 1 : 0;
                            }
                            return waiting >= threads;
                        });
    }

    // ---- descriptors

    /** Two stream sockets that are connected to each other. */
    public int[] pair() {
        int out = alloc(8);
        ok("sock_pair", 3, 1, 0, out, out + 4);
        return new int[] {i32(out), i32(out + 4)};
    }

    /** A pipe: the reading end and the writing end. */
    public int[] pipe() {
        int out = alloc(8);
        ok("fd_pipe", out, out + 4);
        return new int[] {i32(out), i32(out + 4)};
    }

    // ---- what is behind it

    public GuestProcess process() {
        return process;
    }

    public List<String> modules() {
        return modules;
    }

    public AbiProfile profile() {
        return profile;
    }

    public Instance instance() {
        return instance;
    }

    public Memory memory() {
        return instance.memory();
    }

    /** The calling test thread as a guest thread. */
    public GuestThread thread() {
        return process.threads().current();
    }

    // ---- guest memory

    /** Fresh guest memory, 16-byte aligned, filled with {@code 0xEE}. */
    public int alloc(int bytes) {
        int address = top.getAndAdd((bytes + 31) & ~15);
        if (address + bytes > end) {
            throw new AssertionError("the harness's guest is out of memory");
        }
        memory().fill((byte) 0xEE, address, address + bytes);
        return address;
    }

    /** Forgets everything allocated; for tests that loop. */
    public void resetMemory() {
        top.set(FIRST_ADDRESS);
    }

    /** Bytes in fresh guest memory. */
    public int bytes(byte... bytes) {
        int address = alloc(Math.max(bytes.length, 1));
        memory().write(address, bytes);
        return address;
    }

    /** A string in fresh guest memory, UTF-8, without NUL. */
    public int string(String text) {
        return bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /** How many bytes a string has there. */
    public static int length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** An iovec array of one entry that covers a string. */
    public int iovec(String text) {
        return iovec(string(text), length(text));
    }

    /** An iovec array: pairs of address and length. */
    public int iovec(int... addressesAndLengths) {
        int array = alloc(addressesAndLengths.length * 4);
        for (int i = 0; i < addressesAndLengths.length; i++) {
            memory().writeI32(array + i * 4, addressesAndLengths[i]);
        }
        return array;
    }

    public int u8(int address) {
        return memory().read(address) & 0xff;
    }

    public int u16(int address) {
        return memory().readShort(address) & 0xffff;
    }

    public int i32(int address) {
        return memory().readInt(address);
    }

    public long i64(int address) {
        return memory().readLong(address);
    }

    public HostHarness i32(int address, int value) {
        memory().writeI32(address, value);
        return this;
    }

    public HostHarness i64(int address, long value) {
        memory().writeLong(address, value);
        return this;
    }

    public byte[] read(int address, int length) {
        return memory().readBytes(address, length);
    }

    /** UTF-8 text at an address. */
    public String text(int address, int length) {
        return new String(read(address, length), StandardCharsets.UTF_8);
    }

    /** Closes every descriptor; the calling thread is no guest thread any more. */
    @Override
    public void close() {
        GuestThread thread = process.threads().current();
        process.release();
        process.leave(thread);
    }

    /** Until every spawned guest thread waits, and what one of them does is not done. */
    void awaitParked(CompletableFuture<?> future) {
        await("a guest thread that waits")
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(2))
                .pollInSameThread()
                .until(
                        () ->
                                !spawned.isEmpty()
                                        && spawned.stream().allMatch(GuestThread::isWaiting));
        assertThat(future).isNotDone();
    }

    /** The bytes of a module that imports every function of some modules, and has a memory. */
    static final class ImportEverything {

        private ImportEverything() {}

        static byte[] module(List<String> modules, int pages, List<Signatures> tables) {
            List<SyscallSpec> specs =
                    tables.stream().flatMap(table -> specs(modules, table)).toList();
            List<String> types = specs.stream().map(SyscallSpec::core).distinct().toList();
            Bytes wasm = new Bytes();
            wasm.raw(0, 'a', 's', 'm', 1, 0, 0, 0);
            Bytes section = new Bytes().number(types.size());
            types.forEach(section::type);
            wasm.section(1, section);
            section = new Bytes().number(specs.size());
            for (SyscallSpec spec : specs) {
                section.name(spec.module()).name(spec.name()).raw(0);
                section.number(types.indexOf(spec.core()));
            }
            wasm.section(2, section);
            if (pages >= 0) {
                wasm.section(5, new Bytes().raw(1, 1).number(pages).number(pages));
                wasm.section(7, new Bytes().raw(1).name("memory").raw(2, 0));
            }
            return wasm.toArray();
        }

        private static Stream<SyscallSpec> specs(List<String> modules, Signatures table) {
            return table.names().stream()
                    .sorted()
                    .map(name -> name.split(" "))
                    .filter(words -> modules.contains(words[0]))
                    .flatMap(words -> table.find(words[0], words[1]).stream());
        }
    }

    /** A little of the binary format. */
    private static final class Bytes {
        private final List<Byte> bytes = new ArrayList<>();

        Bytes raw(int... values) {
            for (int value : values) {
                bytes.add((byte) value);
            }
            return this;
        }

        Bytes number(int value) {
            int rest = value;
            while (rest >= 0x80) {
                raw(rest & 0x7f | 0x80);
                rest >>>= 7;
            }
            return raw(rest);
        }

        Bytes name(String name) {
            number(name.length());
            name.chars().forEach(this::raw);
            return this;
        }

        void type(String core) {
            String[] sides = core.split(":", 2);
            raw(0x60);
            for (String side : sides) {
                number(side.length());
                side.chars().forEach(letter -> raw(letter == 'I' ? 0x7e : 0x7f));
            }
        }

        void section(int id, Bytes content) {
            raw(id).number(content.bytes.size());
            bytes.addAll(content.bytes);
        }

        byte[] toArray() {
            byte[] array = new byte[bytes.size()];
            for (int i = 0; i < array.length; i++) {
                array[i] = bytes.get(i);
            }
            return array;
        }
    }
}
