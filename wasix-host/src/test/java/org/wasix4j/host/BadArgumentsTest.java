package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.runtime.ByteArrayMemory;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.hostile.PlainDirectMemory;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.system.fs.Mounts;
import org.wasix4j.system.net.InProcessSwitch;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.system.thread.Unwind;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SyscallSpec;

/**
 * Every function of every generation with every kind of bad number in every place: the answer is an
 * errno or an end of the guest's own, never a fault of the host.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class BadArgumentsTest {

    /** Pages of a guest without a memory. */
    private static final int NONE = -1;

    private static final long[] BAD = {
        0, 1, -1, 4, 0x7fffffffL, 0x80000000L, 0xfffffff8L, 65532, 65536, Long.MIN_VALUE
    };

    /** What a call may take before the guest is ended, since it waits. */
    private static final long PATIENCE_MILLIS = 50;

    private static final int POINTER = 1024;

    @TempDir Path temp;

    private HostHarness guest;
    private Watchdog watchdog;
    private long[] bad;
    private int calls;

    /** Ends a guest that waits. */
    private final class Watchdog extends Thread {
        private volatile long deadline = Long.MAX_VALUE;
        private volatile HostHarness watched;
        private final CountDownLatch over = new CountDownLatch(1);

        @Override
        public void run() {
            try {
                while (!over.await(5, TimeUnit.MILLISECONDS)) {
                    HostHarness late = watched;
                    if (late != null && System.nanoTime() > deadline) {
                        late.process().end(ExitReason.killed(0));
                    }
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** As {@link #BAD}, where the last address is just below 2 GiB. */
    private static final long[] BAD_IN_THE_LARGEST = {
        0x7ffeffffL, 0x7ffefffcL, 0x7ffefff0L, 0x7fff0000L, 0x7fffffffL, 0x80000000L, -8, -1
    };

    @ParameterizedTest
    @ValueSource(ints = {NONE, 0, 1, 256})
    void no_bad_number_is_a_fault_of_the_host(int pages) throws Exception {
        sweepGenerations(pages, ByteArrayMemory::new, BAD);
        assertThat(calls).isGreaterThan(5000);
    }

    @Test
    void no_bad_number_is_a_fault_of_the_host_in_the_largest_memory() throws Exception {
        Path file = temp.resolve("memory");
        try (FileChannel sparse =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            ByteBuffer bytes =
                    sparse.map(
                            FileChannel.MapMode.READ_WRITE,
                            0,
                            (long) Memory.RUNTIME_MAX_PAGES * Memory.PAGE_SIZE);
            Files.delete(file);
            sweepGenerations(
                    Memory.RUNTIME_MAX_PAGES,
                    limits -> new PlainDirectMemory(bytes),
                    BAD_IN_THE_LARGEST);
        }
        assertThat(calls).isGreaterThan(5000);
    }

    private void sweepGenerations(int pages, Function<MemoryLimits, Memory> memory, long[] numbers)
            throws Exception {
        bad = numbers;
        Path volume = Files.createDirectory(temp.resolve("volume"));
        Files.writeString(volume.resolve("f"), "content");
        watchdog = new Watchdog();
        watchdog.setDaemon(true);
        watchdog.start();
        Mounts mounts = Mounts.builder().withVolume(volume, "/", false).build();
        List<UnaryOperator<HostHarness.Builder>> generations =
                List.of(
                        builder -> builder,
                        HostHarness.Builder::legacy,
                        HostHarness.Builder::wasip1Sockets,
                        HostHarness.Builder::snapshot0);
        try {
            for (UnaryOperator<HostHarness.Builder> generation : generations) {
                sweep(
                        () ->
                                generation
                                        .apply(HostHarness.builder())
                                        .pages(pages)
                                        .memory(memory)
                                        .mounts(mounts)
                                        .with(
                                                settings ->
                                                        settings.withNetwork(new InProcessSwitch())
                                                                .withPolicy(
                                                                        NetworkPolicy.allowAll()))
                                        .build());
            }
        } finally {
            watchdog.over.countDown();
            if (guest != null) {
                guest.process().release();
            }
        }
    }

    private interface Maker {
        HostHarness make();
    }

    private void sweep(Maker maker) {
        renew(maker);
        List<Signatures> tables =
                List.of(Signatures.load(), Signatures.wasip1Sockets(), Signatures.newer());
        for (String module : guest.modules()) {
            for (Signatures table : tables) {
                for (String pair : table.names().stream().sorted().toList()) {
                    String name = pair.substring(pair.indexOf(' ') + 1);
                    if (!pair.startsWith(module + " ")
                            || table != tables.get(0)
                                    && !guest.knows(
                                            module,
                                            name,
                                            table.find(module, name).get(0).parameters().size())) {
                        continue;
                    }
                    for (SyscallSpec spec : table.find(module, name)) {
                        sweep(spec, maker);
                    }
                }
            }
        }
    }

    private void sweep(SyscallSpec spec, Maker maker) {
        int count = spec.parameters().size();
        List<long[]> rows = new ArrayList<>();
        rows.add(plausible(spec));
        for (long number : bad) {
            long[] all = new long[count];
            Arrays.fill(all, number);
            rows.add(all);
            for (int i = 0; i < count; i++) {
                long[] one = plausible(spec);
                one[i] = number;
                rows.add(one);
            }
        }
        for (long[] row : rows) {
            long[] words = row.clone();
            for (int i = 0; i < count; i++) {
                if (spec.core().charAt(i) == 'i') {
                    // as the engine hands it over
                    words[i] = (int) words[i];
                }
            }
            attempt(spec, words, maker);
        }
    }

    private void attempt(SyscallSpec spec, long[] words, Maker maker) {
        calls++;
        watchdog.deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        watchdog.watched = guest;
        String call = spec + " " + Arrays.toString(words);
        try {
            guest.invoke(spec.module() + "." + spec.name(), words);
        } catch (Unwind | ChicoryException e) {
            // its end, or a function that can only trap
        } catch (Throwable e) {
            throw new AssertionError(call, e);
        } finally {
            watchdog.watched = null;
        }
        ExitReason reason = guest.process().exitReason();
        if (reason != null) {
            assertThat(reason.kind())
                    .as(call + ": " + reason)
                    .isNotEqualTo(ExitReason.Kind.HOST_FAULT);
            renew(maker);
        }
    }

    private void renew(Maker maker) {
        if (guest != null) {
            guest.process().leave(guest.thread());
            guest.process().release();
        }
        guest = maker.make();
        guest.thread();
        // some of everything, as far as there is a memory to tell the numbers
        for (String opening : List.of("fd_pipe", "epoll_create", "sock_open", "fd_event")) {
            if (guest.memory() == null || guest.memory().pages() == 0) {
                return;
            }
            switch (opening) {
                case "fd_pipe" -> open(opening, 512, 516);
                case "epoll_create" -> open(opening, 512);
                case "fd_event" -> open(opening, 1, 0, 512);
                default -> {
                    open(opening, 1, 1, 0, 512);
                    open(opening, 1, 2, 0, 512);
                }
            }
        }
    }

    private void open(String name, long... arguments) {
        if (guest.knows("wasix_32v1", name, arguments.length)) {
            guest.invoke("wasix_32v1." + name, arguments);
        }
    }

    private static long[] plausible(SyscallSpec spec) {
        long[] row = new long[spec.parameters().size()];
        for (int i = 0; i < row.length; i++) {
            String kind = spec.parameters().get(i).kind();
            row[i] =
                    kind.startsWith("*") || kind.startsWith("&") || kind.equals("string")
                            ? POINTER
                            : kind.contains("iovecs") || kind.endsWith("u8s") ? POINTER : 3;
        }
        return row;
    }

    @Test
    void a_pointer_of_a_guest_without_a_memory_is_a_bad_one() {
        try (HostHarness without = HostHarness.builder().pages(NONE).build()) {
            assertThat(without.call("clock_time_get", 0, 0, 0)).isEqualTo(Errno.FAULT);
            assertThat(without.call("args_sizes_get", 0, 0)).isEqualTo(Errno.FAULT);
            assertThat(without.call("random_get", 0, 1)).isEqualTo(Errno.FAULT);
            assertThat(without.call("sched_yield")).isEqualTo(Errno.SUCCESS);
        }
    }
}
