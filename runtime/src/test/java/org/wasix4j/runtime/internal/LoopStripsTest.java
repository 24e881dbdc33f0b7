package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.WasmRuntimeException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.IntInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.wasix4j.testmodules.TestModule;

class LoopStripsTest {

    private static final byte[] WASM = TestModule.named("system/short-loops").bytes();
    private static final WasmModule MODULE = Parser.parse(WASM);
    private static final CompiledCode CODE = ExecutionWays.compile(WASM, Set.of());

    /** Round the first question, the second and the third, and the ends of the memory. */
    private static final int[] ROUNDS = {
        1, 2, 3, 15, 16, 17, 18, 31, 32, 33, 34, 99, 100, 101, 200, 300, 301, 302, 535, 536, 537,
        999, 1000, 1001, 1002, 1023, 1024, 1025, 1039, 1040, 1041, 1042, 2064, 2065, 3000, 3001,
        5000
    };

    private static final long[] OFFSETS = {
        0, 0x7ffffff0L, 0x7ffffff8L, 0x7ffffffcL, 0x7fffffffL, 0x80000000L, 0xfffffff9L, 0xffffffffL
    };

    private static final int[] BASES = {0, 1, 7, 16, Integer.MAX_VALUE, Integer.MIN_VALUE, -1, -16};

    private final List<LinearMemory> memories = new ArrayList<>();

    @AfterEach
    void giveBack() {
        memories.forEach(LinearMemory::free);
    }

    private static List<String> exports(boolean endless) {
        List<String> names =
                IntStream.range(0, MODULE.exportSection().exportCount())
                        .mapToObj(i -> MODULE.exportSection().getExport(i).name())
                        .filter(name -> !name.equals("_start") && !name.equals("memory"))
                        .filter(name -> name.startsWith("endless") == endless)
                        .toList();
        assertThat(names).hasSize(endless ? 4 : 12);
        return names;
    }

    static Stream<String> endless() {
        return exports(true).stream();
    }

    static Stream<String> ending() {
        return exports(false).stream();
    }

    private Instance instance(boolean compiled) {
        LinearMemory memory = new LinearMemory(new MemoryLimits(1, 1), Memory.RUNTIME_MAX_PAGES);
        memories.add(memory);
        return Instance.builder(MODULE)
                .withMemoryFactory(limits -> memory)
                .withMachineFactory(compiled ? CODE.define(true) : InterpreterCode::machine)
                .withStart(false)
                .build();
    }

    /** The result, or the trap with its address, and what is in the memory then. */
    private static String outcome(Instance instance, String name, int rounds) {
        String result;
        try {
            result = Long.toString(instance.export(name).apply(rounds)[0]);
        } catch (WasmRuntimeException e) {
            // an address that is none at all is told otherwise
            result = e.getMessage().contains("at address 4294967295") ? "trap" : e.getMessage();
            result = result.equals("out of bounds memory access") ? "trap" : result;
        }
        byte[] memory = instance.memory().readBytes(0, Memory.PAGE_SIZE);
        return result + " " + ByteBuffer.wrap(memory).hashCode();
    }

    @ParameterizedTest
    @MethodSource("ending")
    void a_short_loop_does_what_it_does_when_it_is_interpreted(String name) {
        Instance interpreted = instance(false);
        List<String> wanted = new ArrayList<>();
        for (int rounds : ROUNDS) {
            wanted.add(outcome(interpreted, name, rounds));
        }
        Instance compiled = instance(true);
        for (int round = 0; round < 3; round++) {
            compiled.memory().fill((byte) 0, 0, Memory.PAGE_SIZE);
            for (int i = 0; i < ROUNDS.length; i++) {
                assertThat(outcome(compiled, name, ROUNDS[i]))
                        .as("%s of %d", name, ROUNDS[i])
                        .isEqualTo(wanted.get(i));
            }
            // and once more when HotSpot has compiled it for loops that end within the memory
            for (int i = 0; i < 20_000; i++) {
                if (!name.contains("behind")) {
                    compiled.export(name).apply(20);
                }
            }
        }
    }

    @Test
    void a_short_loop_asks_once_a_strip() {
        int strips = 0;
        for (ByteBuffer code : CODE.classes().values()) {
            ClassNode node = new ClassNode();
            new ClassReader(code.array()).accept(node, 0);
            for (MethodNode method : node.methods) {
                for (AbstractInsnNode each : method.instructions) {
                    if (each instanceof IntInsnNode push && push.operand == LoopStrips.ROUNDS) {
                        assertThat(push.getNext().getOpcode()).isEqualTo(Opcodes.IF_ICMPLT);
                        strips++;
                    }
                }
            }
        }
        // ten of those that end, "nested" with two; two endless ones, one of two, one that is
        // called
        assertThat(strips).isEqualTo(10 + 2 + 1 + 1 + 2 + 1);
    }

    @ParameterizedTest
    @MethodSource("endless")
    void a_short_loop_without_end_ends_within_100_ms_when_its_thread_is_interrupted(String name)
            throws InterruptedException {
        long least = Long.MAX_VALUE;
        // a busy machine may delay some of the attempts
        for (int i = 0; i < 10 && least > Duration.ofMillis(100).toNanos(); i++) {
            least = Math.min(least, nanosToEnd(name, i));
        }
        assertThat(Duration.ofNanos(least)).isLessThan(Duration.ofMillis(100));
    }

    private long nanosToEnd(String name, int millis) throws InterruptedException {
        Instance instance = instance(true);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread thread =
                new Thread(
                        () -> {
                            begun.countDown();
                            try {
                                instance.export(name).apply(0);
                            } catch (RuntimeException e) {
                                thrown.set(e);
                            }
                            ended.countDown();
                        });
        thread.setDaemon(true);
        thread.start();
        begun.await();
        assertThat(ended.await(20L * millis, TimeUnit.MILLISECONDS)).isFalse();
        long before = System.nanoTime();
        thread.interrupt();
        assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(thrown.get()).isInstanceOf(ChicoryInterruptedException.class);
        return System.nanoTime() - before;
    }

    @Test
    void no_offset_reaches_a_memory_without_pages() {
        for (long offset : OFFSETS) {
            for (int base : BASES) {
                LinearMemory memory =
                        new LinearMemory(new MemoryLimits(0, 0), Memory.RUNTIME_MAX_PAGES);
                memories.add(memory);
                int fixed = (int) offset;
                List<Runnable> accesses =
                        List.of(
                                () -> GuestAccess.memoryReadByte(base, fixed, memory),
                                () -> GuestAccess.memoryReadShort(base, fixed, memory),
                                () -> GuestAccess.memoryReadInt(base, fixed, memory),
                                () -> GuestAccess.memoryReadLong(base, fixed, memory),
                                () -> GuestAccess.memoryWriteByte(base, (byte) 1, fixed, memory),
                                () -> GuestAccess.memoryWriteShort(base, (short) 1, fixed, memory),
                                () -> GuestAccess.memoryWriteInt(base, 1, fixed, memory),
                                () -> GuestAccess.memoryWriteLong(base, 1, fixed, memory));
                for (Runnable access : accesses) {
                    assertThat(catchTrap(access))
                            .as("%d + %d", base, offset)
                            .contains("out of bounds");
                }
            }
        }
    }

    private static String catchTrap(Runnable access) {
        try {
            access.run();
            return "done";
        } catch (WasmRuntimeException e) {
            return e.getMessage();
        }
    }
}
