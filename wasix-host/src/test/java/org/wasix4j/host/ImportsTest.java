package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.wasix4j.types.SyscallSpec;

class ImportsTest {

    private static Stream<SyscallSpec> everyFunction() {
        return Stream.of(Signatures.load(), Signatures.wasip1Sockets(), Signatures.newer())
                .flatMap(
                        table ->
                                table.names().stream()
                                        .map(name -> name.split(" "))
                                        .flatMap(words -> table.find(words[0], words[1]).stream()));
    }

    @Test
    void no_function_is_served_by_two_families() {
        List<HostModule> families = HostLinker.modules();
        List<String> twice = new ArrayList<>();
        List<String> served = new ArrayList<>();
        everyFunction()
                .flatMap(spec -> Imports.keys(spec).stream())
                .distinct()
                .forEach(
                        key -> {
                            List<HostModule> by =
                                    families.stream()
                                            .filter(family -> family.find(key) != null)
                                            .toList();
                            if (!by.isEmpty()) {
                                served.add(key);
                            }
                            if (by.size() > 1) {
                                twice.add(key + " by " + by);
                            }
                        });
        assertThat(served)
                .contains(
                        "fd_read", "sock_accept iiii:i", "wasi_snapshot_preview1 sock_accept ii:i");
        assertThat(twice).isEmpty();
    }

    @Test
    void a_family_with_keys_of_types_says_so() {
        List<String> hidden = new ArrayList<>();
        for (HostModule family : HostLinker.modules()) {
            everyFunction()
                    .flatMap(spec -> Imports.keys(spec).stream().filter(key -> key.contains(" ")))
                    .filter(key -> family.find(key) != null && !family.distinguishesTypes())
                    .forEach(key -> hidden.add(family + ": " + key));
        }
        assertThat(hidden).isEmpty();
    }

    @Test
    void a_type_or_a_module_of_its_own_goes_before_the_name() {
        SyscallSpec spec =
                new SyscallSpec("wasi_snapshot_preview1", "sock_accept", "ii:i", List.of());

        assertThat(Imports.keys(spec))
                .containsExactly(
                        "wasi_snapshot_preview1 sock_accept ii:i",
                        "sock_accept ii:i",
                        "sock_accept");
    }
}
