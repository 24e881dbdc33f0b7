package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasix4j.testmodules.TestCase;
import org.wasix4j.testmodules.TestModule;

/** Programs that open shared libraries. */
class LibrariesTest {

    @TempDir Path temp;

    @ParameterizedTest
    @CsvSource({
        "libraries/open, COMPILER",
        "libraries/open, INTERPRETER",
        "libraries/open-pie, COMPILER",
        "libraries/open-pie, INTERPRETER"
    })
    void a_program_opens_libraries(String name, Engine engine) throws Exception {
        TestCase test = TestModule.named(name).testCase("default");
        Path folder = Files.createDirectory(temp.resolve("x"));
        test.layOut(folder);
        try (Guest guest = Guest.start(Guest.module(name, engine), test, folder)) {
            ExitStatus status = guest.awaitEnd();
            assertThat(guest.stdout()).as(status + " " + guest).isEqualTo(test.stdout().get());
            assertThat(status.shellCode()).isZero();
        }
    }
}
