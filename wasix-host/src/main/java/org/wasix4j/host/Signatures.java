package org.wasix4j.host;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.wasix4j.types.SyscallSpec;

/**
 * Functions by module and name, from one of the {@link SignatureTables}. A line is taken apart only
 * when its function is asked for.
 */
public final class Signatures {

    private final Map<String, List<String>> lines = new HashMap<>();

    private Signatures(String table) {
        for (String line : table.split("\n")) {
            if (!line.startsWith("#")) {
                int end = line.indexOf(' ', line.indexOf(' ') + 1);
                lines.computeIfAbsent(line.substring(0, end), k -> new ArrayList<>(1)).add(line);
            }
        }
    }

    /** Reads the table of the ABI: WASIX, preview1 and {@code wasi_unstable}. */
    public static Signatures load() {
        return new Signatures(SignatureTables.ABI);
    }

    /** Reads the table of the functions that WASIX has got since the ABI of {@link #load}. */
    public static Signatures newer() {
        return new Signatures(SignatureTables.YOUNGER);
    }

    /** Reads the table of the socket functions that other runtimes added to preview1. */
    public static Signatures wasip1Sockets() {
        return new Signatures(SignatureTables.WASIP1_SOCKETS);
    }

    /** The signatures of a name: none when it is unknown, two for a name that changed its type. */
    public List<SyscallSpec> find(String module, String name) {
        return lines.getOrDefault(module + " " + name, List.of()).stream()
                .map(Signatures::parse)
                .toList();
    }

    /** Every "module name" pair. */
    public Set<String> names() {
        return Set.copyOf(lines.keySet());
    }

    private static SyscallSpec parse(String line) {
        String[] words = line.split(" ");
        List<SyscallSpec.Parameter> parameters = new ArrayList<>();
        for (int i = 3; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            parameters.add(
                    new SyscallSpec.Parameter(
                            words[i].substring(0, equals), words[i].substring(equals + 1)));
        }
        return new SyscallSpec(words[0], words[1], words[2], List.copyOf(parameters));
    }
}
