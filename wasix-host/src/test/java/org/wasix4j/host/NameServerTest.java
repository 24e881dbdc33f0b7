package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.policy.NetworkPolicy;

/** What is asked of a name server, in a JVM whose name server is a file that knows every name. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class NameServerTest {

    private static final List<String> ODD = List.of(".:1", "\uff11::1", "\uff11:c0de.de", "[.:1]");

    @Test
    void nothing_that_looks_like_an_address_is_looked_up_without_a_grant(@TempDir Path folder)
            throws Exception {
        Path names = folder.resolve("names");
        Files.writeString(names, "192.0.2.1 known.example " + String.join(" ", ODD) + "\n");
        List<String> said =
                OtherJvm.run(
                        List.of(), List.of("-Djdk.net.hosts.file=" + names), Map.of(), Guest.class);
        assertThat(said)
                .containsExactly(
                        "with a grant: success",
                        "without: acces",
                        "as an address: inval",
                        "as an address: inval",
                        "as an address: inval",
                        "as an address: inval");
    }

    /** The guest in that JVM. */
    static final class Guest {

        private Guest() {}

        public static void main(String[] args) {
            NetworkPolicy granted = NetworkPolicy.parse("dns:allow=known.example:*");
            try (HostHarness guest = HostHarness.create(process -> process.withPolicy(granted));
                    HostHarness alone = HostHarness.create()) {
                say("with a grant", guest, "known.example");
                say("without", alone, "known.example");
                ODD.forEach(name -> say("as an address", alone, name));
            }
        }

        private static void say(String how, HostHarness guest, String name) {
            System.out.println(
                    how
                            + ": "
                            + guest.call(
                                    "resolve",
                                    guest.string(name),
                                    HostHarness.length(name),
                                    80,
                                    guest.alloc(36),
                                    2,
                                    guest.alloc(4)));
        }
    }
}
