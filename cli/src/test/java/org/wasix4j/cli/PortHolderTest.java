package org.wasix4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class PortHolderTest {

    private static final String HEADER =
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid"
                    + "  timeout inode\n";

    @TempDir Path folder;

    private void table(String name, String... lines) throws IOException {
        Files.createDirectories(folder.resolve("net"));
        Files.writeString(
                folder.resolve("net").resolve(name), HEADER + String.join("\n", lines) + "\n");
    }

    private static String line(String address, String state, int user, int inode) {
        return "   0: "
                + address
                + " 00000000:0000 "
                + state
                + " 00000000:00000000 00:00000000 00000000  "
                + user
                + "        0 "
                + inode
                + " 1 0 100 0";
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void a_listener_of_this_process_is_found() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(PortHolder.here().of(taken.getLocalPort()).orElseThrow())
                    .startsWith("process " + ProcessHandle.current().pid() + " (");
        }
    }

    @Test
    void a_process_that_cannot_be_looked_at_is_reported_by_its_user() throws IOException {
        table(
                "tcp",
                line("0100007F:1F90", "01", 7, 1),
                line("0100007F:1F90", "0A", 33, 4711),
                "garbage");
        table("udp", line("00000000:0035", "07", 53, 2));
        PortHolder holder = new PortHolder(folder);
        assertThat(holder.of(8080)).contains("a process of user 33");
        assertThat(holder.of(53)).contains("a process of user 53");
        assertThat(holder.of(8081)).isEmpty();
        Path descriptors = Files.createDirectories(folder.resolve("17/fd"));
        Files.createSymbolicLink(descriptors.resolve("3"), Path.of("socket:[4711]"));
        Files.writeString(folder.resolve("17/comm"), "nginx\n");
        assertThat(holder.of(8080)).contains("process 17 (nginx)");
    }

    @Test
    void where_there_is_no_proc_nothing_is_reported() {
        assertThat(new PortHolder(folder.resolve("absent")).of(8080)).isEmpty();
    }
}
