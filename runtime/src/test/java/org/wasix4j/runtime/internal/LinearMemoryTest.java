package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.WasmRuntimeException;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.runtime.Guests;
import org.wasix4j.runtime.ModuleException;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.ProcessSettings;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.Unwind;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class LinearMemoryTest {

    private static final int PAGE = Memory.PAGE_SIZE;

    private final List<LinearMemory> memories = new ArrayList<>();
    private final GuestProcess process = new GuestProcess(ProcessSettings.defaults());
    private final ExecutorService threads = Executors.newCachedThreadPool();

    private LinearMemory memory(int initial, int maximum, boolean shared) {
        LinearMemory memory =
                new LinearMemory(
                        new MemoryLimits(initial, maximum, shared), Memory.RUNTIME_MAX_PAGES);
        memory.attach(process);
        memories.add(memory);
        return memory;
    }

    @AfterEach
    void giveBack() throws InterruptedException {
        process.end(ExitReason.killed(0));
        threads.shutdownNow();
        assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        memories.forEach(LinearMemory::free);
    }

    /** Runs something on several guest threads at once. */
    private <T> List<T> onThreads(int count, Callable<T> body) throws Exception {
        List<Future<T>> results = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            results.add(threads.submit(() -> guest(body)));
        }
        List<T> values = new ArrayList<>();
        for (Future<T> result : results) {
            values.add(result.get());
        }
        return values;
    }

    private <T> T guest(Callable<T> body) throws Exception {
        GuestThread thread = process.threads().create();
        process.threads().enter(thread);
        try {
            return body.call();
        } finally {
            process.leave(thread);
        }
    }

    @Test
    void every_width_is_read_back_as_little_endian() {
        LinearMemory memory = memory(1, 1, false);
        memory.writeLong(3, 0x1122334455667788L);
        assertThat(memory.readLong(3)).isEqualTo(0x1122334455667788L);
        assertThat(memory.readInt(3)).isEqualTo(0x55667788);
        assertThat(memory.readShort(3)).isEqualTo((short) 0x7788);
        assertThat(memory.read(3)).isEqualTo((byte) 0x88);
        memory.writeF64(16, Double.longBitsToDouble(0x7ff0000000000001L));
        assertThat(memory.readLong(16)).as("a NaN's bits").isEqualTo(0x7ff0000000000001L);
    }

    @Test
    void an_access_that_crosses_the_end_traps() {
        LinearMemory memory = memory(1, 2, false);
        List<Runnable> accesses =
                List.of(
                        () -> memory.readInt(PAGE - 3),
                        () -> memory.writeLong(PAGE - 7, 1),
                        () -> memory.read(PAGE),
                        () -> memory.readShort(-1),
                        () -> memory.read(Integer.MIN_VALUE),
                        () -> memory.atomicReadInt(PAGE),
                        () -> memory.atomicAddByte(PAGE, (byte) 1),
                        () -> memory.fill((byte) 1, PAGE - 1, PAGE + 1),
                        () -> memory.fill((byte) 1, 8, 7),
                        () -> memory.copy(PAGE - 1, 0, 2),
                        () -> memory.copy(0, 1, -1),
                        () -> memory.readBytes(1, PAGE),
                        () -> memory.write(PAGE - 1, new byte[2], 0, 2));
        assertThat(accesses)
                .allSatisfy(
                        access ->
                                assertThatThrownBy(access::run)
                                        .isInstanceOf(WasmRuntimeException.class)
                                        .hasMessageStartingWith("out of bounds memory access"));
    }

    @Test
    void growing_keeps_the_bytes_and_ends_at_the_maximum() {
        LinearMemory memory = memory(1, 3, false);
        memory.writeI32(PAGE - 4, 42);
        assertThat(memory.grow(2)).isEqualTo(1);
        assertThat(memory.pages()).isEqualTo(3);
        assertThat(memory.readInt(PAGE - 4)).isEqualTo(42);
        assertThat(memory.readLong(3 * PAGE - 8)).isZero();
        assertThat(memory.grow(1)).isEqualTo(-1);
        assertThat(memory.grow(-1)).isEqualTo(-1);
        assertThat(memory.grow(0)).isEqualTo(3);
    }

    @Test
    void an_import_of_four_gibibytes_is_served_with_two_less_a_page() {
        LinearMemory memory = memory(2, MemoryLimits.MAX_PAGES, true);
        assertThat(memory.maximumPages()).isEqualTo(32767);
        assertThat(memory.grow(32765)).isEqualTo(2);
        memory.writeByte(32767 * PAGE - 1, (byte) 7);
        assertThat(memory.read(32767 * PAGE - 1)).isEqualTo((byte) 7);
    }

    @Test
    void a_module_that_starts_with_more_than_the_limit_is_refused() {
        assertThatThrownBy(() -> new LinearMemory(new MemoryLimits(10, 20), 9))
                .isInstanceOf(ModuleException.class)
                .hasMessageContaining("needs 640 KiB of memory to start, the limit is 576 KiB");
    }

    @Test
    void copies_may_overlap_in_both_directions() {
        LinearMemory memory = memory(1, 1, false);
        memory.write(0, new byte[] {1, 2, 3, 4, 5, 6});
        memory.copy(2, 0, 4);
        assertThat(memory.readBytes(0, 6)).containsExactly(1, 2, 1, 2, 3, 4);
        memory.copy(0, 1, 5);
        assertThat(memory.readBytes(0, 6)).containsExactly(2, 1, 2, 3, 4, 4);
    }

    @Test
    void a_copy_of_any_length_and_overlap_moves_that_range_and_no_byte_more() {
        LinearMemory memory = memory(1, 1, false);
        byte[] before = new byte[256];
        new java.util.Random(7).nextBytes(before);
        for (int length = 0; length <= 80; length++) {
            for (int distance = -length - 1; distance <= length + 1; distance++) {
                memory.write(0, before, 0, before.length);
                memory.copy(90 + distance, 90, length);
                byte[] expected = before.clone();
                System.arraycopy(before, 90, expected, 90 + distance, length);
                assertThat(memory.readBytes(0, 256))
                        .as("%d bytes by %d", length, distance)
                        .isEqualTo(expected);
            }
        }
        memory.copy(PAGE - 64, 0, 64);
        memory.copy(0, PAGE - 1, 1);
        for (int length = 1; length <= 65; length++) {
            int size = length;
            int outside = PAGE - length + 1;
            byte[] whole = memory.readBytes(0, PAGE);
            assertThatThrownBy(() -> memory.copy(outside, 0, size))
                    .isInstanceOf(WasmRuntimeException.class);
            assertThatThrownBy(() -> memory.copy(0, outside, size))
                    .isInstanceOf(WasmRuntimeException.class);
            assertThatThrownBy(() -> memory.copy(-1, 0, size))
                    .isInstanceOf(WasmRuntimeException.class);
            assertThatThrownBy(() -> memory.fill((byte) 1, outside, outside + size))
                    .isInstanceOf(WasmRuntimeException.class);
            assertThat(memory.readBytes(0, PAGE)).isEqualTo(whole);
        }
    }

    @Test
    void a_fill_of_any_length_writes_that_range_and_no_byte_more() {
        LinearMemory memory = memory(2, 2, false);
        for (int length :
                new int[] {0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 63, 64, 65, 4095, 4096, 4097, 40_000}) {
            for (byte value : new byte[] {0, 5, -1}) {
                memory.fill((byte) 9, 0, 2 * PAGE);
                memory.fill(value, 11, 11 + length);
                byte[] expected = new byte[length];
                java.util.Arrays.fill(expected, value);
                assertThat(memory.readBytes(11, length)).isEqualTo(expected);
                assertThat(memory.read(10)).isEqualTo((byte) 9);
                assertThat(memory.read(11 + length)).isEqualTo((byte) 9);
            }
        }
    }

    @Test
    void concurrent_atomics_lose_nothing_whatever_their_width() throws Exception {
        LinearMemory memory = memory(1, 1, true);
        onThreads(
                4,
                () -> {
                    for (int i = 0; i < 20_000; i++) {
                        memory.atomicAddInt(0, 1);
                        memory.atomicAddLong(8, 1);
                        memory.atomicAddShort(16, (short) 1);
                        memory.atomicAddShort(18, (short) -1);
                        memory.atomicAddByte(20, (byte) 1);
                        memory.atomicAddByte(21, (byte) 1);
                        memory.atomicXorByte(22, (byte) 1);
                    }
                    return null;
                });
        assertThat(memory.atomicReadInt(0)).isEqualTo(80_000);
        assertThat(memory.atomicReadLong(8)).isEqualTo(80_000);
        assertThat(memory.atomicReadShort(16)).isEqualTo((short) 80_000);
        assertThat(memory.atomicReadShort(18)).isEqualTo((short) -80_000);
        assertThat(memory.atomicReadByte(20)).isEqualTo((byte) 80_000);
        assertThat(memory.atomicReadByte(21)).isEqualTo((byte) 80_000);
        assertThat(memory.atomicReadByte(22)).isZero();
        assertThat(memory.atomicReadByte(23)).isZero();
    }

    @Test
    void every_atomic_operation_answers_the_old_value() {
        LinearMemory memory = memory(1, 1, true);
        memory.atomicWriteLong(0, 0x0f0fL);
        assertThat(memory.atomicAndLong(0, 0xffL)).isEqualTo(0x0f0fL);
        assertThat(memory.atomicOrLong(0, 0x10L)).isEqualTo(0x0fL);
        assertThat(memory.atomicXorLong(0, 0x1fL)).isEqualTo(0x1fL);
        assertThat(memory.atomicXchgLong(0, 5)).isZero();
        assertThat(memory.atomicCmpxchgLong(0, 4, 6)).isEqualTo(5);
        assertThat(memory.atomicCmpxchgLong(0, 5, 6)).isEqualTo(5);
        assertThat(memory.atomicReadLong(0)).isEqualTo(6);
        memory.atomicWriteByte(9, (byte) -1);
        assertThat(memory.atomicAndByte(9, (byte) 0x3f)).isEqualTo((byte) -1);
        assertThat(memory.atomicOrByte(9, (byte) 0x40)).isEqualTo((byte) 0x3f);
        assertThat(memory.atomicXchgByte(9, (byte) 3)).isEqualTo((byte) 0x7f);
        assertThat(memory.atomicCmpxchgByte(9, (byte) 4, (byte) 8)).isEqualTo((byte) 3);
        assertThat(memory.atomicCmpxchgByte(9, (byte) 3, (byte) 8)).isEqualTo((byte) 3);
        assertThat(memory.readInt(8)).isEqualTo(0x0800);
    }

    @Test
    void readers_see_the_pages_that_another_thread_has_grown() throws Exception {
        LinearMemory memory = memory(1, 500, true);
        Future<?> grower =
                threads.submit(
                        () -> {
                            for (int page = 1; page < 500; page++) {
                                memory.grow(1);
                                // a plain store: the reader may learn of the page by nothing else
                                memory.writeI32(0, page);
                            }
                        });
        onThreads(
                2,
                () -> {
                    int seen = 0;
                    while (seen < 499) {
                        seen = memory.readInt(0);
                        memory.writeByte(seen * PAGE + PAGE - 1, (byte) 1);
                        Thread.onSpinWait();
                        memory.atomicFence();
                    }
                    return null;
                });
        grower.get();
    }

    @Test
    void waiters_are_woken_in_the_order_in_which_they_came() throws Exception {
        LinearMemory memory = memory(1, 1, true);
        List<Integer> woken = new CopyOnWriteArrayList<>();
        List<Future<Integer>> waiters = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int number = i;
            int before = process.waitQueue().waiting(64);
            waiters.add(
                    threads.submit(
                            () ->
                                    guest(
                                            () -> {
                                                int answer = memory.atomicWait(64, 0, -1);
                                                woken.add(number);
                                                return answer;
                                            })));
            await().until(() -> process.waitQueue().waiting(64) == before + 1);
        }
        for (int i = 0; i < 4; i++) {
            int count = i + 1;
            assertThat(memory.atomicNotify(64, 1)).isEqualTo(1);
            await().until(() -> woken.size() == count);
        }
        assertThat(woken).containsExactly(0, 1, 2, 3);
        for (Future<Integer> waiter : waiters) {
            assertThat(waiter.get()).isZero();
        }
        assertThat(memory.atomicNotify(64, -1)).isZero();
    }

    @Test
    void a_wait_answers_not_equal_and_timed_out() throws Exception {
        LinearMemory memory = memory(1, 1, true);
        assertThat(onThreads(1, () -> memory.atomicWait(0, 1, -1))).containsExactly(1);
        assertThat(onThreads(1, () -> memory.atomicWait(0, 1L, -1))).containsExactly(1);
        assertThat(onThreads(1, () -> memory.atomicWait(0, 0, 1_000_000))).containsExactly(2);
    }

    @Test
    void a_wait_on_memory_that_is_not_shared_traps() {
        LinearMemory memory = memory(1, 1, false);
        assertThatThrownBy(() -> memory.atomicWait(0, 0, 0))
                .isInstanceOf(ChicoryException.class)
                .hasMessage("expected shared memory");
        assertThat(memory.atomicNotify(0, 1)).isZero();
    }

    /** The instruction has no answer for that, and no host call runs a handler inside of it. */
    @Test
    void a_guest_signal_does_not_end_a_wait_and_is_there_afterwards() throws Exception {
        LinearMemory memory = memory(1, 1, true);
        GuestThread thread = process.threads().create();
        Future<Boolean> waiter =
                threads.submit(
                        () -> {
                            process.threads().enter(thread);
                            try {
                                process.signals().handler(thread, "handler", true);
                                assertThat(memory.atomicWait(8, 0, -1)).isZero();
                                return process.signals().deliverable(thread);
                            } finally {
                                process.leave(thread);
                            }
                        });
        await().until(thread::isWaiting);
        process.signals().raise(thread, 10);
        assertThat(process.waitQueue().waiting(8)).isEqualTo(1);
        assertThat(memory.atomicNotify(8, 1)).isEqualTo(1);
        assertThat(waiter.get()).isTrue();
    }

    @Test
    void a_signal_for_the_process_is_left_to_a_thread_that_does_not_wait_so() throws Exception {
        LinearMemory memory = memory(1, 1, true);
        GuestThread thread = process.threads().create();
        Future<Integer> waiter =
                threads.submit(
                        () -> {
                            process.threads().enter(thread);
                            try {
                                return memory.atomicWait(8, 0, -1);
                            } finally {
                                process.leave(thread);
                            }
                        });
        await().until(thread::isWaiting);
        boolean taken =
                guest(
                        () -> {
                            GuestThread other = process.threads().current();
                            process.signals().handler(other, "handler", true);
                            process.signals().raise(15);
                            return process.signals().take(other) == 15;
                        });
        assertThat(taken).isTrue();
        memory.atomicNotify(8, 1);
        assertThat(waiter.get()).isZero();
    }

    @Test
    void the_end_of_the_process_unwinds_a_waiter() {
        LinearMemory memory = memory(1, 1, true);
        Future<Integer> waiter = threads.submit(() -> guest(() -> memory.atomicWait(8, 0, -1)));
        await().until(() -> process.waitQueue().waiting(8) == 1);
        process.end(ExitReason.exited(0));
        assertThatThrownBy(waiter::get).hasCause(Unwind.PROCESS);
    }

    @Test
    void a_freed_memory_traps_and_does_not_end_the_jvm() {
        LinearMemory memory = memory(1, 2, true);
        memory.free();
        memory.free();
        assertThat(memory.size()).isZero();
        assertThat(memory.grow(1)).isEqualTo(-1);
        assertThatThrownBy(() -> memory.readInt(0)).isInstanceOf(WasmRuntimeException.class);
        assertThatThrownBy(() -> memory.atomicAddInt(0, 1))
                .isInstanceOf(WasmRuntimeException.class);
    }

    @Test
    void a_copy_of_a_large_memory_has_each_of_its_pages() {
        copies(RawAccess.AVAILABLE);
        copies(false);
    }

    /** 9 MiB and a page of the guest's, in pieces that several threads take; half of it is zero. */
    private void copies(boolean raw) {
        MemoryLimits limits = new MemoryLimits(145, 200, false);
        LinearMemory from = new LinearMemory(limits, Memory.RUNTIME_MAX_PAGES, raw);
        LinearMemory to = new LinearMemory(limits, Memory.RUNTIME_MAX_PAGES, raw);
        memories.add(from);
        memories.add(to);
        from.grow(1);
        for (int page = 0; page < from.size(); page += 8192) {
            // the first byte of a page, the last, or one in the middle
            from.writeByte(page + page / 8192 * 4095 % 4096, (byte) (page / 8192 | 1));
        }
        assertThat(to.copyFrom(from)).isTrue();
        assertThat(to.size()).isEqualTo(from.size());
        assertThat(to.readBytes(0, to.size())).isEqualTo(from.readBytes(0, from.size()));
        to.writeByte(0, (byte) 77);
        assertThat(from.read(0)).isEqualTo((byte) 1);
    }

    @Test
    void memories_share_the_file_of_zeros_and_nothing_that_is_written() {
        LinearMemory one = memory(2, 2, false);
        one.fill((byte) 7, 0, 2 * PAGE);
        LinearMemory other = memory(2, 2, false);
        assertThat(other.readBytes(0, 2 * PAGE)).containsOnly(0);
    }

    @Test
    void an_interrupt_of_the_thread_disturbs_no_reservation_and_is_kept() {
        Thread.currentThread().interrupt();
        LinearMemory memory = memory(1, 20000, false);
        assertThat(Thread.interrupted()).as("still interrupted").isTrue();
        assertThat(memory.maximumPages()).isEqualTo(20000);
        assertThat(memory.notice()).isNull();
    }

    @Test
    void a_view_covers_what_the_memory_may_grow_to() {
        LinearMemory memory = memory(1, 3, true);
        ByteBuffer view = memory.view();
        assertThat(view.capacity()).isEqualTo(3 * PAGE);
        memory.grow(2);
        view.putInt(2 * PAGE, 0x01020304);
        assertThat(memory.readInt(2 * PAGE)).isEqualTo(0x01020304);
    }

    @Test
    void a_dropped_segment_is_empty_for_its_instance_and_no_other() {
        LoadedModule module =
                ModuleLoading.load(
                        Guests.bytes("passive"),
                        org.wasix4j.runtime.Engine.COMPILER,
                        null,
                        null,
                        false,
                        new Loading(0, null));
        LinearMemory memory = memory(1, 1, false);
        Instance first = instance(module, memory);
        first.export("init").apply();
        assertThat(memory.readString(16, 4)).isEqualTo("ello");
        assertThatThrownBy(() -> first.export("beyond").apply())
                .hasMessageStartingWith("out of bounds memory access");
        first.export("drop").apply();
        assertThatThrownBy(() -> first.export("init").apply())
                .hasMessageStartingWith("out of bounds memory access");
        instance(module, memory).export("init").apply();
    }

    private static Instance instance(LoadedModule module, LinearMemory memory) {
        return Instance.builder(module.module())
                .withMachineFactory(module.machines())
                .withMemoryFactory(limits -> memory)
                .withStart(false)
                .build();
    }

    @Test
    void the_interpreter_reads_the_same_memory() {
        LinearMemory memory = memory(1, 1, false);
        Instance instance =
                Instance.builder(Parser.parse(Guests.bytes("passive")))
                        .withMemoryFactory(limits -> memory)
                        .withStart(false)
                        .build();
        instance.export("init").apply();
        assertThat(memory.readString(16, 4)).isEqualTo("ello");
    }
}
