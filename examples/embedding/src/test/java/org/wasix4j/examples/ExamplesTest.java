package org.wasix4j.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.testmodules.TestModule;

/** The examples do what they say. */
class ExamplesTest {

    @TempDir Path folder;

    private interface Main {
        void run(String[] args) throws Exception;
    }

    private String printed(Main main) throws Exception {
        String module = TestModule.named("http-hello").copyTo(folder).toString();
        PrintStream before = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, UTF_8));
        try {
            main.run(new String[] {module});
        } finally {
            System.setOut(before);
        }
        return out.toString(UTF_8);
    }

    @Test
    void a_server_on_a_free_port_is_asked_and_stopped() throws Exception {
        assertThat(printed(HelloServer::main))
                .startsWith("<!DOCTYPE html>")
                .contains("Hello from WASIX");
    }

    @Test
    void a_server_without_a_port_is_asked() throws Exception {
        assertThat(printed(WithoutPort::main))
                .startsWith("HTTP/1.1 200 ")
                .contains("Hello from WASIX");
    }

    @Test
    void the_main_program_is_a_screenful() throws Exception {
        Path source = Path.of("src/main/java/org/wasix4j/examples/HelloServer.java");
        assertThat(Files.readAllLines(source)).hasSizeLessThan(30);
    }
}
