package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.system.stdio.StandardStreams;
import org.wasix4j.testmodules.ChildProcess;
import org.wasix4j.types.Errno;

/**
 * The standard input of a JVM in a shell script: a guest takes of it what it reads, and leaves the
 * rest to the next program; a poll takes nothing of what is there.
 */
@Timeout(120)
class HostInputTest {

    private static final String WRITTEN = "until [ -e w ]; do :; done; ";
    private static final String ENDED = "until [ -e e ]; do :; done; ";

    @TempDir Path folder;

    @BeforeEach
    void there_is_a_shell() {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")));
    }

    /** What a script prints; "$@" in it is the {@link Reader}, to be followed by its arguments. */
    private String script(String text) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of("/bin/sh", "-c", text, "sh"));
        line.addAll(ChildProcess.java());
        line.addAll(List.of("-XX:TieredStopAtLevel=1", "-cp", ChildProcess.classPath()));
        line.add(Reader.class.getName());
        try (ChildProcess shell =
                ChildProcess.start(new ProcessBuilder(line).directory(folder.toFile()))) {
            shell.stdin().close();
            assertThat(shell.awaitExit()).as(shell.toString()).isZero();
            return shell.out();
        }
    }

    @Test
    void of_a_pipe_the_next_program_gets_what_the_guest_did_not_read() throws Exception {
        assertThat(script("printf 'abcdef\\n' | { \"$@\" read:1 poll read:2; cat; }"))
                .isEqualTo("[a]\nready 6 bytes\n[bc]\ndef\n");
    }

    @Test
    void of_a_file_the_next_program_gets_what_the_guest_did_not_read() throws Exception {
        Files.writeString(folder.resolve("in"), "x".repeat(100_000) + "end\n");
        assertThat(script("{ \"$@\" poll read:1 read:99999 read:34463; cat; } <in"))
                .isEqualTo("ready 100004 bytes\n[x]\n[65536 x]\n[34463 x]\nend\n");
    }

    @Test
    void the_first_poll_tells_of_input_of_nothing_and_of_the_end() throws Exception {
        assertThat(script("{ printf x; exec >&-; >w; } | { " + WRITTEN + "\"$@\" poll read:5; }"))
                .isEqualTo("ready 1 bytes\n[x]\n");
        assertThat(script("{ exec >&-; >e; } | { " + ENDED + "\"$@\" poll read:5; }"))
                .isEqualTo("ready 0 bytes hangup\n[]\n");
        assertThat(script("\"$@\" poll read:5 </dev/null")).isEqualTo("ready 0 bytes\n[]\n");
        assertThat(script("mkfifo f; exec 3<>f; \"$@\" poll nonblock:5 <&3; exec 3>&-"))
                .isEqualTo("nothing\nagain\n");
    }

    /** Does with its standard input what its arguments say. */
    static final class Reader {

        private Reader() {}

        public static void main(String[] args) {
            StringBuilder said = new StringBuilder();
            try (HostHarness guest = HostHarness.create()) {
                guest.process().descriptors().open(null, StandardStreams.hostInput());
                for (String arg : args) {
                    String[] parts = arg.split(":");
                    switch (parts[0]) {
                        case "poll" -> said.append(poll(guest));
                        case "nonblock" -> {
                            guest.ok("fd_fdstat_set_flags", 0, SocketCalls.NONBLOCK);
                            said.append(read(guest, Integer.parseInt(parts[1])));
                        }
                        default -> said.append(read(guest, Integer.parseInt(parts[1])));
                    }
                    said.append('\n');
                }
            }
            System.out.print(said);
            System.out.flush();
            Runtime.getRuntime().halt(0);
        }

        private static String poll(HostHarness guest) {
            List<Polling.Event> events = Polling.of(guest).read(0).timeout(0).poll();
            Polling.Event event = events.get(0);
            if (event.userData() != 0) {
                return "nothing"; // but the clock
            }
            return "ready " + event.bytes() + " bytes" + (event.hangup() ? " hangup" : "");
        }

        private static String read(HostHarness guest, int room) {
            int buffer = guest.alloc(room);
            int size = guest.alloc(4);
            Errno errno = guest.call("fd_read", 0, guest.iovec(buffer, room), 1, size);
            if (errno != Errno.SUCCESS) {
                return errno.toString();
            }
            String text = guest.text(buffer, guest.i32(size));
            return text.length() > 10 ? "[" + text.length() + " x]" : "[" + text + "]";
        }
    }
}
