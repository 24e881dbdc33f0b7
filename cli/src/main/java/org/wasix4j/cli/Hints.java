package org.wasix4j.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.wasix4j.types.Nullable;
import picocli.CommandLine.UnmatchedArgumentException;

/** Hints for mistakes on the command line: options of other runtimes, words in a wrong place. */
final class Hints {

    private static final String NOT_NEEDED = "it is not needed, ";

    private static final Map<String, String> EQUIVALENTS = new LinkedHashMap<>();

    static {
        EQUIVALENTS.put("--mapdir", "--volume HOST:GUEST");
        EQUIVALENTS.put("--map-dir", "--volume HOST:GUEST");
        EQUIVALENTS.put("--mount", "--volume HOST:GUEST");
        EQUIVALENTS.put("--tcplisten", "--listen [HOST]:PORT");
        EQUIVALENTS.put("--allow-net", "--net or --net=RULES");
        EQUIVALENTS.put("--allow-read", "--volume HOST:GUEST:ro");
        EQUIVALENTS.put("--allow-write", "--volume HOST:GUEST");
        EQUIVALENTS.put("--allow-env", "--env K or --env-inherit");
        EQUIVALENTS.put("--map-command", "--program /bin/NAME=FILE, which are modules");
        EQUIVALENTS.put("--entrypoint", "--invoke NAME");
        EQUIVALENTS.put("--stack-size", "--max-stack BYTES");
        EQUIVALENTS.put("--wasm", NOT_NEEDED + "features need no option");
        EQUIVALENTS.put("-S", "--net and --listen, for sockets");
        EQUIVALENTS.put("-W", NOT_NEEDED + "features need no option");
        EQUIVALENTS.put("-e", "--env K=V");
        EQUIVALENTS.put("-i", "--invoke NAME");
        EQUIVALENTS.put("-d", "--dir HOST::GUEST or --volume HOST:GUEST");
        EQUIVALENTS.put("-p", "--net=ipv4:allow=*:PORT/in");
        EQUIVALENTS.put("-O", NOT_NEEDED + "the compiler has no levels");
    }

    private Hints() {}

    /** A clause for an option that there is not, or an empty text. */
    static String of(UnmatchedArgumentException fault) {
        if (fault.getUnmatched().isEmpty()) {
            return "";
        }
        String word = fault.getUnmatched().get(0);
        int end = word.indexOf('=');
        String name = end < 0 ? word : word.substring(0, end);
        String equivalent = EQUIVALENTS.get(name);
        if (equivalent != null) {
            return equivalent.startsWith(NOT_NEEDED)
                    ? ": " + equivalent
                    : ": here it is " + equivalent;
        }
        List<String> close = fault.getSuggestions();
        return close.isEmpty() ? "" : ": did you mean " + close.get(0) + "?";
    }

    /**
     * A clause for a module that is no file.
     *
     * @param before the word before it, or null
     */
    static Optional<String> ofModule(String file, @Nullable String before) {
        if ("--net".equals(before) || "--trace".equals(before)) {
            return Optional.of(before + "=" + file + " takes its value with '='");
        }
        if ("-v".equals(before) && file.contains(":")) {
            return Optional.of("-v is --verbose, directories are given by --volume " + file);
        }
        return Optional.empty();
    }
}
