package org.wasix4j.system.fd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.policy.Limits;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.ProcessSettings;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.FdFlags;
import org.wasix4j.types.FileType;

@Timeout(120)
class FdTableTest {

    private static final class Thing extends OpenDescription {
        private final AtomicInteger closes = new AtomicInteger();
        private final FileType type;

        Thing() {
            this(FileType.UNKNOWN);
        }

        Thing(FileType type) {
            this.type = type;
        }

        @Override
        public FileType type() {
            return type;
        }

        @Override
        protected long possibleRights() {
            return 0;
        }

        @Override
        public int readiness(int interest) {
            return interest;
        }

        @Override
        protected void onClose() {
            closes.incrementAndGet();
        }
    }

    private final GuestProcess process =
            new GuestProcess(
                    ProcessSettings.defaults().withLimits(Limits.defaults().withMaxDescriptors(8)));
    private final FdTable table = process.descriptors();
    private final GuestThread one = process.threads().create();
    private final GuestThread two = process.threads().create();

    private int open() {
        return table.open(one, new Thing());
    }

    @Test
    void the_lowest_free_number_is_given() {
        assertThat(List.of(open(), open(), open())).containsExactly(0, 1, 2);
        table.close(one, 1);
        table.close(one, 0);
        assertThat(List.of(open(), open(), open())).containsExactly(0, 1, 3);
        assertThat(table.open(one, new Thing(), 6, 0)).isEqualTo(6);
        assertThat(open()).isEqualTo(4);
    }

    @Test
    void at_the_limit_is_mfile_and_a_freed_number_can_be_had_again() {
        for (int i = 0; i < 8; i++) {
            open();
        }
        Thing late = new Thing();
        assertThatThrownBy(() -> table.install(one, late)).isSameAs(Errno.MFILE.exception());
        assertThat(late.closes).hasValue(1);
        assertThatThrownBy(() -> table.dup(one, 0, 0, 0)).isSameAs(Errno.MFILE.exception());
        assertThatThrownBy(() -> table.renumber(one, 0, 8, false)).isSameAs(Errno.BADF.exception());
        table.close(one, 5);
        assertThat(open()).isEqualTo(5);
    }

    @Test
    void two_descriptions_get_both_a_number_or_neither() {
        for (int i = 0; i < 7; i++) {
            open();
        }
        Thing first = new Thing();
        Thing second = new Thing();
        assertThatThrownBy(() -> table.install(one, first, second))
                .isSameAs(Errno.MFILE.exception());
        assertThat(first.closes).hasValue(1);
        assertThat(second.closes).hasValue(1);
        assertThat(table.size()).isEqualTo(7);
        table.close(one, 2);
        assertThat(table.install(one, new Thing(), new Thing())).containsExactly(2, 7);
    }

    @Test
    void a_description_is_closed_with_its_last_number() {
        Thing thing = new Thing();
        int fd = table.open(one, thing);
        int second = table.dup(one, fd, 0, FdFlags.CLOEXEC);
        assertThat(table.flags(second)).isEqualTo(FdFlags.CLOEXEC);
        assertThat(table.flags(fd)).isZero();
        table.close(one, fd);
        assertThat(thing.isClosed()).isFalse();
        table.close(one, second);
        assertThat(thing.isClosed()).isTrue();
        assertThat(thing.closes).hasValue(1);
    }

    @Test
    void renumber_replaces_the_target_and_leaves_the_source_unless_it_moves() {
        Thing source = new Thing();
        Thing target = new Thing();
        int from = table.open(one, source);
        int to = table.open(one, target);
        table.renumber(one, from, to, false);
        assertThat(target.closes).hasValue(1);
        assertThat(table.get(to)).isSameAs(source);
        assertThat(table.get(from)).isSameAs(source);
        table.renumber(one, to, to, true);
        assertThat(table.get(to)).isSameAs(source);
        table.renumber(one, from, 7, false);
        table.renumber(one, from, to, true);
        assertThat(table.find(from)).isNull();
        assertThat(table.get(7)).isSameAs(source);
        assertThat(source.closes).hasValue(0);
        assertThatThrownBy(() -> table.renumber(one, from, to, false))
                .isSameAs(Errno.BADF.exception());
        assertThatThrownBy(() -> table.renumber(one, to, 5, true)).isSameAs(Errno.BADF.exception());
        assertThatThrownBy(() -> table.renumber(one, to, -1, false))
                .isSameAs(Errno.BADF.exception());
    }

    @Test
    void a_new_program_finds_the_granted_directories_open_where_their_numbers_are_free() {
        Thing first = new Thing(FileType.DIRECTORY);
        Thing second = new Thing(FileType.DIRECTORY);
        Thing third = new Thing(FileType.DIRECTORY);
        assertThat(List.of(table.open(one, first), table.open(one, second), table.open(one, third)))
                .containsExactly(0, 1, 2);
        table.keepPlaces();
        Thing other = new Thing();
        int number = table.open(one, other);
        table.close(one, 0);
        table.renumber(one, number, 1, true);
        table.flags(2, FdFlags.CLOEXEC);
        FdTable child = table.fork();
        child.prepareForExec();
        assertThat(child.get(0)).isSameAs(first);
        assertThat(child.get(1)).isSameAs(other);
        assertThat(child.get(2)).isSameAs(third);
        assertThat(child.flags(2)).isZero();
        assertThat(table.find(0)).as("in the parent").isNull();
        child.closeAll();
        table.closeAll();
        assertThat(List.of(first, second, third, other)).allMatch(Thing::isClosed);
        child.prepareForExec();
        assertThat(child.size()).isZero();
    }

    private int openSocket() {
        return table.open(one, new Thing(FileType.SOCKET_STREAM));
    }

    /** A close as a host call of its own. */
    private void callClose(int fd) {
        one.countSyscall();
        table.close(one, fd);
    }

    @Test
    void a_second_close_of_a_socket_in_a_row_does_not_hit_what_another_thread_has_opened() {
        int fd = openSocket();
        callClose(fd);
        Thing others = new Thing();
        assertThat(table.open(two, others)).isEqualTo(fd);
        assertThatThrownBy(() -> callClose(fd)).isSameAs(Errno.BADF.exception());
        assertThat(others.isClosed()).isFalse();
        callClose(fd);
        assertThat(others.isClosed()).isTrue();
    }

    @Test
    void what_another_thread_opens_after_a_second_close_is_closed_by_the_next() {
        int fd = openSocket();
        callClose(fd);
        assertThatThrownBy(() -> callClose(fd)).isSameAs(Errno.BADF.exception());
        Thing others = new Thing();
        assertThat(table.open(two, others)).isEqualTo(fd);
        callClose(fd);
        assertThat(others.isClosed()).isTrue();
    }

    @Test
    void a_thread_closes_what_another_has_opened_when_it_has_done_something_else_since() {
        int fd = openSocket();
        callClose(fd);
        Thing others = new Thing();
        assertThat(table.open(two, others)).isEqualTo(fd);
        one.countSyscall();
        callClose(fd);
        assertThat(others.isClosed()).isTrue();
    }

    @Test
    void files_that_others_open_are_closed_one_after_the_other() {
        int fd = open();
        callClose(fd);
        for (int i = 0; i < 3; i++) {
            Thing others = new Thing();
            assertThat(table.open(two, others)).isEqualTo(fd);
            callClose(fd);
            assertThat(others.isClosed()).isTrue();
        }
    }

    @Test
    void a_second_close_hits_what_the_thread_has_opened_itself() {
        int fd = openSocket();
        callClose(fd);
        assertThat(open()).isEqualTo(fd);
        callClose(fd);
        assertThat(table.size()).isZero();
    }

    @Test
    void a_thread_that_has_ended_is_not_remembered() {
        int fd = openSocket();
        callClose(fd);
        table.forget(one);
        table.open(two, new Thing());
        callClose(fd);
        assertThat(table.size()).isZero();
    }

    @Test
    void a_number_that_a_thread_was_given_again_is_its_own_to_close() {
        open();
        open();
        table.close(one, 1);
        assertThat(table.install(one, new Thing())).isEqualTo(1);
        table.close(two, 1);
        table.open(two, new Thing());
        table.close(one, 1);
        table.renumber(one, 0, 1, false);
        table.close(two, 1);
        table.open(two, new Thing());
        table.close(one, 1);
        assertThat(table.size()).isEqualTo(1);
    }

    @Test
    void a_number_can_be_moved_to_0_and_to_the_last_one() {
        Thing thing = new Thing();
        open();
        table.open(one, thing);
        table.renumber(one, 1, 0, true);
        table.renumber(one, 0, 7, false);
        assertThat(table.find(7)).isSameAs(thing);
        assertThat(table.descriptions()).containsExactly(thing);
        assertThatThrownBy(() -> table.get(1)).isSameAs(Errno.BADF.exception());
        assertThatThrownBy(() -> table.renumber(one, 0, 5, true)).isSameAs(Errno.BADF.exception());
    }

    @Test
    void a_flag_belongs_to_the_number_and_not_to_what_it_stands_for() {
        open();
        table.dup(one, 0, 0, FdFlags.CLOEXEC);
        assertThat(table.flags(0)).isZero();
        assertThat(table.flags(1)).isEqualTo(FdFlags.CLOEXEC);
        table.flags(0, FdFlags.CLOEXEC);
        table.flags(1, 0);
        assertThat(table.flags(0)).isEqualTo(FdFlags.CLOEXEC);
        assertThat(table.flags(1)).isZero();
        assertThatThrownBy(() -> table.flags(2)).isSameAs(Errno.BADF.exception());
        assertThatThrownBy(() -> table.flags(2, 0)).isSameAs(Errno.BADF.exception());
    }

    @Test
    void after_the_end_nothing_can_be_opened() {
        Thing thing = new Thing();
        int fd = table.open(one, thing);
        table.dup(one, fd, 0, 0);
        table.closeAll();
        assertThat(thing.closes).hasValue(1);
        assertThatThrownBy(this::open).isSameAs(Errno.BADF.exception());
        assertThatThrownBy(() -> table.get(fd)).isSameAs(Errno.BADF.exception());
    }

    /** Whatever the threads do, each description is closed once, and none is left. */
    @Test
    void threads_that_open_dup_renumber_and_close_at_random_leave_nothing_behind() {
        GuestProcess big =
                new GuestProcess(
                        ProcessSettings.defaults()
                                .withLimits(Limits.defaults().withMaxDescriptors(64)));
        FdTable shared = big.descriptors();
        List<Thing> things = java.util.Collections.synchronizedList(new ArrayList<>());
        CompletableFuture<?>[] threads = new CompletableFuture<?>[4];
        for (int t = 0; t < threads.length; t++) {
            GuestThread thread = big.threads().create();
            Random random = new Random(t);
            threads[t] =
                    CompletableFuture.runAsync(
                            () -> {
                                for (int i = 0; i < 20_000; i++) {
                                    step(shared, thread, random, things);
                                }
                            },
                            task -> new Thread(task, "guest").start());
        }
        CompletableFuture.allOf(threads).join();
        assertThat(things).allSatisfy(t -> assertThat(t.closes.get()).isLessThanOrEqualTo(1));
        shared.closeAll();
        assertThat(things).allSatisfy(t -> assertThat(t.closes).hasValue(1));
    }

    private static void step(FdTable table, GuestThread thread, Random random, List<Thing> things) {
        int fd = random.nextInt(64);
        try {
            switch (random.nextInt(4)) {
                case 0 -> {
                    Thing thing = new Thing();
                    things.add(thing);
                    table.install(thread, thing);
                }
                case 1 -> table.dup(thread, fd, random.nextInt(64), 0);
                case 2 -> table.renumber(thread, fd, random.nextInt(64), random.nextBoolean());
                default -> table.close(thread, fd);
            }
        } catch (ErrnoException e) {
            assertThat(e.errno()).isIn(Errno.BADF, Errno.MFILE);
        }
    }
}
