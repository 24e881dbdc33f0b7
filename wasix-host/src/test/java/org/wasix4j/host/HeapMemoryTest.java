package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockType;

/** What the host keeps on the heap for a guest counts against the guest's memory limit. */
class HeapMemoryTest {

    private static final int FILES = 100;

    @TempDir Path host;
    private final MemoryBudget budget = new MemoryBudget(1 << 17, 1 << 16);

    private Errno list(GuestFiles files, int fd, long from) {
        int size = 4096;
        return files.guest.call(
                "fd_readdir", fd, files.guest.alloc(size), size, from, files.guest.alloc(4));
    }

    @Test
    void listings_are_refused_when_there_is_no_memory_and_closing_gives_theirs_back()
            throws IOException {
        for (int i = 0; i < FILES; i++) {
            Files.createFile(host.resolve("file" + i));
        }
        try (GuestFiles files =
                GuestFiles.with(m -> m.withVolume(host, "/", false).withMemory(budget))) {
            List<Integer> open = new ArrayList<>();
            Errno answer = Errno.SUCCESS;
            while (answer == Errno.SUCCESS && open.size() < 100) {
                int fd = files.open(".", GuestFiles.DIRECTORY, GuestFiles.READ).ok();
                open.add(fd);
                answer = list(files, fd, 0);
                // listing it again takes no more
                if (answer == Errno.SUCCESS) {
                    long used = budget.heap();
                    assertThat(list(files, fd, 0)).isEqualTo(Errno.SUCCESS);
                    assertThat(budget.heap()).isEqualTo(used);
                }
            }
            assertThat(answer).isEqualTo(Errno.NOMEM);
            assertThat(open).hasSizeBetween(6, 10);
            files.close(open.get(0));
            files.close(open.get(1));
            int last = open.get(open.size() - 1);
            assertThat(list(files, last, 0)).isEqualTo(Errno.SUCCESS);
            open.subList(2, open.size()).forEach(files::close);
            assertThat(budget.heap()).isZero();
        }
    }

    /** Opens pairs of descriptors, and writes into the second of each until that is refused. */
    private Errno fill(HostHarness guest, List<Integer> open, Supplier<Errno> opening, int out) {
        int text = guest.alloc(4096);
        int vector = guest.alloc(8);
        guest.i32(vector, text);
        guest.i32(vector + 4, 4096);
        for (int i = 0; i < 100; i++) {
            assertThat(opening.get()).isEqualTo(Errno.SUCCESS);
            open.add(guest.i32(out));
            open.add(guest.i32(out + 4));
            Errno answer = guest.call("fd_write", guest.i32(out + 4), vector, 1, guest.alloc(4));
            if (answer != Errno.SUCCESS) {
                return answer;
            }
        }
        return Errno.SUCCESS;
    }

    @Test
    void what_is_in_pipes_and_socket_pairs_is_taken_from_the_memory() {
        try (GuestFiles files = GuestFiles.with(m -> m.withMemory(budget))) {
            HostHarness guest = files.guest;
            int out = guest.alloc(8);
            List<Integer> open = new ArrayList<>();
            assertThat(fill(guest, open, () -> guest.call("fd_pipe", out, out + 4), out))
                    .isEqualTo(Errno.NOMEM);
            assertThat(open).hasSize(34);
            open.forEach(files::close);
            assertThat(budget.heap()).isZero();
            for (SockType type : List.of(SockType.STREAM, SockType.DGRAM)) {
                open.clear();
                assertThat(
                                fill(
                                        guest,
                                        open,
                                        () ->
                                                guest.call(
                                                        "sock_pair",
                                                        AddressFamily.UNIX.code(),
                                                        type.code(),
                                                        0,
                                                        out,
                                                        out + 4),
                                        out))
                        .isEqualTo(type == SockType.STREAM ? Errno.NOMEM : Errno.NOBUFS);
                open.forEach(files::close);
                assertThat(budget.heap()).isZero();
            }
        }
    }
}
