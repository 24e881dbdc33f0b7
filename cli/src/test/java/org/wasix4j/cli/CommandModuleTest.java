package org.wasix4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.runtime.Guests;
import org.wasix4j.runtime.ModulePath;

/** The command with everything on the module path. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class CommandModuleTest {

    @TempDir Path folder;

    private String run(String... words) throws Exception {
        List<String> line = new ArrayList<>();
        line.addAll(List.of("-p", ModulePath.of("picocli", "prometheus", "jackson")));
        line.addAll(List.of("-m", "org.wasix4j.cli/org.wasix4j.cli.WasixRun"));
        line.addAll(List.of(words));
        return ModulePath.java(folder, line.toArray(String[]::new));
    }

    @Test
    void the_command_runs_as_a_module() throws Exception {
        String hello = Guests.file(folder, "hello").toString();
        assertThat(run("--no-cache", hello)).isEqualTo("hello\n");
        assertThat(run("--explain", "--json", hello)).contains("\"runnable\" : true");
    }
}
