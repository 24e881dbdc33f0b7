package org.wasix4j.host;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SyscallSpec;

/**
 * Functions by module and name, from one of the {@link SignatureTables}. A line is taken apart only
 * when its function is asked for.
 */
public final class Signatures {

    private static @Nullable Signatures abi;
    private static @Nullable Signatures younger;
    private static @Nullable Signatures sockets;

    private final Map<String, List<String>> lines = new HashMap<>();

    private Signatures(String table) {
        for (String line : table.split("\n")) {
            if (!line.startsWith("#")) {
                int end = line.indexOf(' ', line.indexOf(' ') + 1);
                lines.computeIfAbsent(line.substring(0, end), k -> new ArrayList<>(1)).add(line);
            }
        }
    }

    /** The table of the ABI: WASIX, preview1 and {@code wasi_unstable}. Each is read once. */
    public static synchronized Signatures load() {
        Signatures read = abi;
        if (read == null) {
            read = new Signatures(SignatureTables.ABI);
            abi = read;
        }
        return read;
    }

    /** The table of the functions that WASIX has got since the ABI of {@link #load}. */
    public static synchronized Signatures newer() {
        Signatures read = younger;
        if (read == null) {
            read = new Signatures(SignatureTables.YOUNGER);
            younger = read;
        }
        return read;
    }

    /** The table of the socket functions that other runtimes added to preview1. */
    public static synchronized Signatures wasip1Sockets() {
        Signatures read = sockets;
        if (read == null) {
            read = new Signatures(SignatureTables.WASIP1_SOCKETS);
            sockets = read;
        }
        return read;
    }

    /** The signatures of a name: none when it is unknown, two for a name that changed its type. */
    public List<SyscallSpec> find(String module, String name) {
        List<String> found = lines.get(module + " " + name);
        if (found == null) {
            return List.of();
        }
        List<SyscallSpec> specs = new ArrayList<>(found.size());
        for (String line : found) {
            specs.add(parse(line));
        }
        return specs;
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
