package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.policy.Limits;
import org.wasix4j.testmodules.TestModule;

/** What guests find that was not granted, from the runtime's side. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ScratchFoldersTest {

    private static String output(String module, UnaryOperator<WasixRuntime.Builder> settings)
            throws Exception {
        WasixModule loaded =
                WasixModule.load(module, TestModule.named(module).bytes(), Engine.COMPILER);
        try (Guest guest = Guest.start(loaded, new byte[0], settings::apply)) {
            assertThat(guest.awaitEnd().shellCode()).isZero();
            return guest.stdout();
        }
    }

    @Test
    void scratch_folders_can_be_turned_off() throws Exception {
        String off = output("files/devices-wasix", settings -> settings.withScratchFolders(false));
        assertThat(off)
                .contains(
                        "/, tmp: 0", "/dev, shm: 0", "/tmp, stat: noent", "/dev/null, stat: char");
    }

    @Test
    void files_in_memory_count_against_the_memory_limit() throws Exception {
        String[] most = new String[2];
        for (int i = 0; i < 2; i++) {
            long limit = (i == 0 ? 4L : 8L) << 20;
            most[i] =
                    output(
                            "files/fill",
                            settings ->
                                    settings.withArguments("1000")
                                            .withLimits(Limits.defaults().withMaxMemory(limit)));
        }
        // the guest writes a file until there is no room, and then asks for memory
        assertThat(most[0])
                .matches("file: [23] MiB, then nospc\nmemory: refused\nafter unlink: given\n");
        assertThat(most[1])
                .matches("file: [67] MiB, then nospc\nmemory: refused\nafter unlink: given\n");
    }

    @Test
    void a_listener_that_only_the_guest_can_reach_is_not_reported() throws Exception {
        WasixModule module = Guest.module("sockets/unix", Engine.COMPILER);
        try (Guest guest =
                Guest.start(module, new byte[0], settings -> settings.withArguments("/dev/shm"))) {
            assertThatThrownBy(() -> guest.process().awaitListening(Guest.SOON))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(guest.awaitEnd().shellCode()).isZero();
            assertThat(guest.denied()).isEmpty();
        }
    }

    @Test
    void a_listener_of_a_preview1_program_keeps_its_number() throws Exception {
        WasixModule module =
                WasixModule.load("fill", TestModule.named("files/fill").bytes(), Engine.COMPILER);
        for (int descriptor = 3; descriptor < 5; descriptor++) {
            String number = Integer.toString(descriptor);
            boolean listens = descriptor == 3;
            try (Guest guest =
                    Guest.start(
                            module,
                            new byte[0],
                            settings -> {
                                settings.withArguments("0", number);
                                return listens
                                        ? settings.withListener(
                                                new InetSocketAddress("127.0.0.1", 0))
                                        : settings;
                            })) {
                guest.awaitEnd();
                assertThat(guest.stdout())
                        .startsWith("descriptor " + number + ": " + (listens ? "socket" : "none"));
            }
        }
    }
}
