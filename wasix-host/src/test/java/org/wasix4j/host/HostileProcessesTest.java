package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.policy.Limits;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.fd.FdTable;
import org.wasix4j.system.fs.Mounts;
import org.wasix4j.system.fs.OwnNodes;
import org.wasix4j.system.fs.ProgramFile;
import org.wasix4j.system.process.ChildStatus;
import org.wasix4j.system.process.FamilyLimits;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.system.process.ProcessMember;
import org.wasix4j.system.process.ProcessTable;
import org.wasix4j.system.process.ProcessView;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.system.thread.GuestContexts;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.Signals;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.Rights;

/** What a guest does with processes that costs others, or that happens at the same time. */
@Timeout(60)
class HostileProcessesTest {

    private static final int MANY = 100_000;
    private static final int STOP = 19;

    @Test
    void a_hundred_thousand_zombies_are_made_and_waited_for_in_seconds() {
        ProcessTable table = new ProcessTable(new FamilyLimits(MANY + 1, 10), 1);
        try (HostHarness guest = HostHarness.create()) {
            GuestThread thread = guest.thread();
            int last = 0;
            for (int i = 0; i < MANY; i++) {
                last = table.add(1);
                table.ended(last, ExitReason.exited(i & 0xff));
            }
            assertThatThrownBy(() -> table.add(1)).isSameAs(Errno.AGAIN.exception());
            assertThat(table.join(thread, 1, last, false, false).pid()).isEqualTo(last);
            for (int i = 1; i < MANY; i++) {
                assertThat(table.join(thread, 1, ProcessTable.ANY, false, false)).isNotNull();
            }
            assertThatThrownBy(() -> table.join(thread, 1, ProcessTable.ANY, false, false))
                    .isSameAs(Errno.CHILD.exception());
        }
    }

    @Test
    void the_zombies_of_a_process_that_ends_go_to_the_first() {
        ProcessTable table = new ProcessTable(new FamilyLimits(MANY + 2, 10), 1);
        try (HostHarness guest = HostHarness.create()) {
            int middle = table.add(1);
            for (int i = 0; i < MANY; i++) {
                table.ended(table.add(middle), ExitReason.exited(0));
            }
            table.ended(middle, ExitReason.exited(7));
            int joined = 0;
            while (table.join(guest.thread(), 1, ProcessTable.ANY, true, false) != null) {
                if (++joined > MANY) {
                    break;
                }
            }
            assertThat(joined).isEqualTo(MANY + 1);
        } catch (ErrnoException e) {
            assertThat(e.errno()).isEqualTo(Errno.CHILD);
        }
    }

    @Test
    void ten_threads_that_wait_get_a_child_each() {
        try (HostHarness guest = HostHarness.create()) {
            List<GuestProcess> children = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                children.add(guest.process().fork());
            }
            List<CompletableFuture<Integer>> waits = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                int child = guest.alloc(8);
                int status = guest.alloc(6);
                guest.i64(child, 0);
                waits.add(
                        guest.spawn(
                                () -> {
                                    guest.ok("proc_join", child, 0, status);
                                    return guest.i32(child + 4);
                                }));
            }
            for (GuestProcess child : children) {
                child.end(ExitReason.exited(0));
                child.finish();
            }
            assertThat(waits)
                    .extracting(CompletableFuture::join)
                    .containsExactlyInAnyOrderElementsOf(
                            children.stream().map(GuestProcess::pid).toList());
            int none = guest.alloc(8);
            guest.i64(none, 0);
            assertThat(guest.call("proc_join", none, 0, guest.alloc(6))).isEqualTo(Errno.CHILD);
        }
    }

    @Test
    void a_fork_while_other_threads_close_loses_no_descriptor() throws Exception {
        int limit = 64;
        try (HostHarness guest =
                HostHarness.create(
                        p -> p.withLimits(Limits.defaults().withMaxDescriptors(limit)))) {
            FdTable table = guest.process().descriptors();
            AtomicBoolean over = new AtomicBoolean();
            List<CompletableFuture<Integer>> others = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                int out = guest.alloc(4);
                others.add(
                        guest.spawn(
                                () -> {
                                    int opened = 0;
                                    while (!over.get()) {
                                        if (guest.call("fd_event", 0, 0, out) == Errno.SUCCESS) {
                                            guest.ok("fd_close", guest.i32(out));
                                            opened++;
                                        }
                                    }
                                    return opened;
                                }));
            }
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(500);
            int forks = 0;
            while (System.nanoTime() < end) {
                try {
                    guest.process().fork().abandon();
                    forks++;
                } catch (ErrnoException e) {
                    assertThat(e.errno()).isIn(Errno.MFILE, Errno.AGAIN);
                }
            }
            over.set(true);
            for (CompletableFuture<Integer> other : others) {
                assertThat(other.join()).isPositive();
            }
            assertThat(forks).isPositive();
            assertThat(table.size()).isZero();
            int out = guest.alloc(4);
            for (int i = 0; i < limit; i++) {
                guest.ok("fd_event", 0, 0, out);
            }
            assertThat(guest.call("fd_event", 0, 0, out)).isEqualTo(Errno.MFILE);
        }
    }

    @Test
    void of_two_threads_that_exec_at_once_one_does() {
        try (HostHarness guest = HostHarness.create()) {
            GuestProcess child = guest.process().fork();
            GuestProcess one = child.replacement(List.of("one"), Map.of());
            GuestProcess other = child.replacement(List.of("other"), Map.of());
            assertThat(child.replacedBy(one)).isTrue();
            assertThat(child.replacedBy(other)).isFalse();
            assertThat(guest.process().table().processes())
                    .anyMatch(p -> p.pid() == child.pid() && p.arguments().equals(List.of("one")));
            end(one);
        }
    }

    @Test
    void a_process_that_is_killed_while_it_looks_for_a_program_does_not_start_it() {
        try (HostHarness guest = HostHarness.create()) {
            GuestProcess child = guest.process().fork();
            GuestProcess next = child.replacement(List.of("next"), Map.of());
            guest.process().table().signal(1, child.pid(), Signals.KILL);
            assertThat(child.replacedBy(next)).isFalse();
            assertThat(next.isEnding()).isFalse();
            child.finish();
            assertThat(
                            guest.process()
                                    .table()
                                    .join(guest.thread(), 1, child.pid(), true, false)
                                    .status())
                    .isEqualTo(ChildStatus.of(ExitReason.killed(Signals.KILL)));
        }
    }

    @Test
    void what_comes_too_late_for_a_process_reaches_the_program_that_has_replaced_it() {
        try (HostHarness guest = HostHarness.create()) {
            GuestProcess child = guest.process().fork();
            child.signals().handler(guest.thread(), "handler", true);
            GuestProcess ignores = child.replacement(List.of("ignores"), Map.of());
            // pending, for a handler that the next program does not have
            child.signal(Signals.CHLD);
            assertThat(child.replacedBy(ignores)).isTrue();
            assertThat(ignores.isEnding()).isFalse();
            GuestProcess second = ignores.replacement(List.of("second"), Map.of());
            ignores.signals().handler(guest.thread(), "handler", true);
            ignores.signal(Signals.TERM);
            assertThat(ignores.isEnding()).isFalse();
            assertThat(ignores.replacedBy(second)).isTrue();
            assertThat(second.exitReason()).isEqualTo(ExitReason.killed(Signals.TERM));
            end(second);
        }
    }

    @Test
    void a_late_end_from_outside_passes_through_all_programs_that_a_process_was() {
        try (HostHarness guest = HostHarness.create()) {
            GuestProcess first = guest.process().fork();
            GuestProcess second = first.replacement(List.of("second"), Map.of());
            GuestProcess third = first.replacement(List.of("third"), Map.of());
            assertThat(first.replacedBy(second)).isTrue();
            assertThat(second.replacedBy(third)).isTrue();
            first.stop(STOP);
            assertThat(state(guest, first.pid())).isEqualTo(ProcessView.State.STOPPED);
            first.resume();
            assertThat(state(guest, first.pid())).isEqualTo(ProcessView.State.RUNNING);
            // what the threads that leave report is their own affair
            first.end(ExitReason.exited(0));
            assertThat(third.isEnding()).isFalse();
            first.kill(ExitReason.killed(Signals.KILL));
            assertThat(third.exitReason()).isEqualTo(ExitReason.killed(Signals.KILL));
            end(third);
        }
    }

    private static ProcessView.State state(HostHarness guest, int pid) {
        return guest.process().table().processes().stream()
                .filter(p -> p.pid() == pid)
                .findFirst()
                .orElseThrow()
                .state();
    }

    private static void end(GuestProcess process) {
        process.end(ExitReason.exited(0));
        process.finish();
    }

    @Test
    void a_signal_to_all_leaves_out_the_first_process_and_the_sender() {
        ProcessTable table = new ProcessTable(new FamilyLimits(10, 10), 1);
        List<String> heard = new ArrayList<>();
        table.bind(1, member(1, heard));
        List<Integer> children = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int child = table.add(1);
            table.bind(child, member(child, heard));
            children.add(child);
        }
        int sender = children.get(1);
        table.ended(children.get(3), ExitReason.exited(0));
        heard.clear();
        table.signal(sender, -1, Signals.TERM);
        assertThat(heard).containsExactly(children.get(0) + " 15", children.get(2) + " 15");
        heard.clear();
        // the group of all is that of the first process
        table.signal(sender, 0, Signals.TERM);
        table.signal(sender, -1, 0);
        assertThat(heard)
                .containsExactly(
                        "1 15", children.get(0) + " 15", sender + " 15", children.get(2) + " 15");
        assertThatThrownBy(() -> table.signal(sender, -77, Signals.TERM))
                .isSameAs(Errno.SRCH.exception());
        assertThatThrownBy(
                        () ->
                                new ProcessTable(new FamilyLimits(10, 10), 1)
                                        .signal(1, -1, Signals.TERM))
                .isSameAs(Errno.SRCH.exception());
    }

    private static ProcessMember member(int pid, List<String> heard) {
        return new ProcessMember() {
            @Override
            public void signal(int signal) {
                heard.add(pid + " " + signal);
            }

            @Override
            public void kill(ExitReason reason) {
                throw new AssertionError(reason.toString());
            }

            @Override
            public List<String> arguments() {
                return List.of();
            }
        };
    }

    @Test
    void a_child_has_the_rights_that_its_parent_has_left_on_a_descriptor() {
        try (HostHarness guest = HostHarness.create()) {
            int out = guest.alloc(4);
            guest.ok("fd_event", 0, 0, out);
            int fd = guest.i32(out);
            guest.ok("fd_fdstat_set_rights", fd, Rights.FD_READ, 0);
            GuestProcess child = guest.process().fork();
            assertThat(child.descriptors().get(fd)).isSameAs(guest.process().descriptors().get(fd));
            guest.process().descriptors().close(guest.thread(), fd);
            assertThat(child.descriptors().get(fd).rights()).isEqualTo(Rights.FD_READ);
            end(child);
        }
    }

    @Test
    void a_process_that_has_ended_gets_no_more_children() {
        ProcessTable table = new ProcessTable(new FamilyLimits(10, 10), 1);
        int child = table.add(1);
        table.ended(child, ExitReason.exited(0));
        assertThatThrownBy(() -> table.add(child)).isSameAs(Errno.AGAIN.exception());
    }

    @Test
    void what_is_no_program_is_refused_with_the_error_of_execve(@TempDir Path folder)
            throws Exception {
        Files.createDirectory(folder.resolve("folder"));
        Files.writeString(folder.resolve("file"), "text");
        Path secret = Files.writeString(folder.resolve("secret"), "text");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("---------"));
        Files.createSymbolicLink(folder.resolve("circle"), Path.of("circle"));
        Files.createSymbolicLink(folder.resolve("outside"), Path.of("/etc/passwd"));
        assertThat(
                        new ProcessBuilder("mkfifo", folder.resolve("fifo").toString())
                                .start()
                                .waitFor())
                .isZero();
        try (Mounts mounts = Mounts.builder().withVolume(folder, "/", false).build()) {
            assertThat(error(mounts, "/folder")).isEqualTo(Errno.ACCES);
            assertThat(error(mounts, "/")).isEqualTo(Errno.ACCES);
            assertThat(error(mounts, "/fifo")).isEqualTo(Errno.ACCES);
            assertThat(error(mounts, "/none")).isEqualTo(Errno.NOENT);
            assertThat(error(mounts, "/file/none")).isEqualTo(Errno.NOTDIR);
            assertThat(error(mounts, "/circle")).isEqualTo(Errno.LOOP);
            assertThat(error(mounts, "/outside")).isIn(Errno.NOENT, Errno.NOTCAPABLE);
            assertThat(error(mounts, "/" + "x".repeat(300))).isEqualTo(Errno.NAMETOOLONG);
            byte[] whole = ProgramFile.read(mounts, "/file", 4, content -> content);
            assertThat(whole).hasSize(4);
            assertThatThrownBy(() -> ProgramFile.read(mounts, "/file", 3, content -> content))
                    .isSameAs(Errno.NOEXEC.exception());
            assumeThat(Files.isReadable(secret)).as("not as root").isFalse();
            assertThat(error(mounts, "/secret")).isEqualTo(Errno.ACCES);
        }
    }

    @Test
    void a_program_can_be_a_file_in_memory() {
        MemoryBudget budget = new MemoryBudget(0, 1 << 16);
        try (GuestFiles files =
                GuestFiles.with(m -> m.withOwnNodes(new OwnNodes(true)).withMemory(budget))) {
            Mounts mounts = files.guest.process().mounts();
            mounts.preopenOwnRoot(files.guest.process().descriptors());
            int fd = files.open("tmp/program", GuestFiles.CREAT, GuestFiles.BOTH).ok();
            files.write(fd, "#!/bin/true");
            byte[] content = ProgramFile.read(mounts, "/tmp/program", 1000, all -> all);
            assertThat(content).asString().isEqualTo("#!/bin/true");
            assertThat(error(mounts, "/etc/passwd")).isEqualTo(Errno.SUCCESS);
            assertThat(error(mounts, "/dev/null")).isEqualTo(Errno.ACCES);
            files.guest.ok("fd_filestat_set_size", fd, 1 << 20);
            assertThat(error(mounts, "/tmp/program")).isEqualTo(Errno.NOEXEC);
            assertThatThrownBy(() -> ProgramFile.read(mounts, "/tmp/program", 1 << 20, all -> all))
                    .isSameAs(Errno.NOMEM.exception());
        }
    }

    private static Errno error(Mounts mounts, String path) {
        try {
            ProgramFile.read(mounts, path, 1000, content -> content);
            return Errno.SUCCESS;
        } catch (ErrnoException e) {
            return e.errno();
        }
    }

    /** A hundred thousand words of one letter are not more bytes than Linux takes. */
    @Test
    void arguments_and_environment_are_taken_from_the_memory_of_the_guest() {
        MemoryBudget budget = new MemoryBudget(0, 16L << 20);
        List<String> words = Collections.nCopies(100_000, "a");
        Map<String, String> variables = Map.of("A", "b");
        try (HostHarness guest =
                HostHarness.create(
                        Mounts.builder().withMemory(budget).build(), process -> process)) {
            GuestProcess first = guest.process();
            GuestProcess child = first.fork();
            long before = budget.heap();
            GuestProcess dropped = child.replacement(words, variables);
            assertThat(budget.heap()).isGreaterThan(6_400_000);
            dropped.dropped();
            assertThat(budget.heap()).isEqualTo(before);
            GuestProcess next = child.replacement(words, variables);
            child.replacedBy(next);
            GuestProcess fork = next.fork();
            assertThatThrownBy(next::fork).isSameAs(Errno.NOMEM.exception());
            assertThatThrownBy(() -> next.replacement(words, variables))
                    .isSameAs(Errno.NOMEM.exception());
            fork.abandon();
            next.end(ExitReason.exited(0));
            next.finish();
            assertThat(budget.heap()).isEqualTo(before);
        }
    }

    @Test
    void contexts_cannot_be_used_in_the_child_of_a_vfork() {
        try (HostHarness guest = HostHarness.create()) {
            List<Long> switches = new ArrayList<>();
            guest.thread()
                    .frames()
                    .contexts(
                            new GuestContexts() {
                                @Override
                                public long create(int function) {
                                    return 1;
                                }

                                @Override
                                public void switchTo(long id) {
                                    switches.add(id);
                                }

                                @Override
                                public void destroy(long id) {}
                            });
            guest.ok("context_switch", 1);
            GuestProcess child = guest.process().fork();
            child.borrow(guest.thread());
            assertThat(guest.call("context_create", guest.alloc(8), 0)).isEqualTo(Errno.NOTSUP);
            assertThat(guest.call("context_switch", 1)).isEqualTo(Errno.NOTSUP);
            assertThat(guest.call("context_destroy", 1)).isEqualTo(Errno.NOTSUP);
            child.giveBack(guest.thread());
            child.abandon();
            guest.ok("context_switch", 2);
            assertThat(switches).containsExactly(1L, 2L);
        }
    }

    @Test
    void file_actions_with_too_long_paths_in_all_are_refused() {
        try (HostHarness guest = HostHarness.create()) {
            int count = 600;
            int size = 56;
            int actions = guest.alloc(count * size);
            String path = "p".repeat(4096);
            int letters = guest.string(path);
            for (int i = 0; i < count; i++) {
                int at = actions + i * size;
                guest.i32(at, 3);
                guest.i32(at + 12, letters).i32(at + 16, path.length());
            }
            int name = guest.string("/bin/none");
            assertThat(
                            guest.call(
                                    "proc_spawn2",
                                    name,
                                    9,
                                    name,
                                    9,
                                    name,
                                    0,
                                    actions,
                                    count,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    guest.alloc(4)))
                    .isEqualTo(Errno.E2BIG);
        }
    }
}
