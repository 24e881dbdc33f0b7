package org.wasix4j.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * What who typed something else may have meant: options of other runtimes, words in a wrong place.
 */
final class Hints {

    private static final Map<String, String> COUSINS = new LinkedHashMap<>();

    static {
        COUSINS.put("--mapdir", "--volume HOST:GUEST");
        COUSINS.put("--map-dir", "--volume HOST:GUEST");
        COUSINS.put("--mount", "--volume HOST:GUEST");
        COUSINS.put("--tcplisten", "--listen [HOST]:PORT");
        COUSINS.put("--allow-net", "--net or --net=RULES");
        COUSINS.put("--allow-read", "--volume HOST:GUEST:ro");
        COUSINS.put("--allow-write", "--volume HOST:GUEST");
        COUSINS.put("--allow-env", "--env K or --env-inherit");
        COUSINS.put("--map-command", "nothing: programs of the host are not run");
        COUSINS.put("--entrypoint", "--invoke NAME");
        COUSINS.put("--wasm", "nothing: features need no option");
        COUSINS.put("-S", "--net and --listen, for sockets");
        COUSINS.put("-W", "nothing: features need no option");
        COUSINS.put("-e", "--env K=V");
        COUSINS.put("-i", "--invoke NAME");
        COUSINS.put("-d", "--dir HOST::GUEST or --volume HOST:GUEST");
        COUSINS.put("-p", "--net=ipv4:allow=*:PORT/in");
        COUSINS.put("-O", "nothing: the compiler has no levels");
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
        String cousin = COUSINS.get(name);
        if (cousin != null) {
            return ": here it is " + cousin;
        }
        List<String> close = fault.getSuggestions();
        return close.isEmpty() ? "" : ": did you mean " + close.get(0) + "?";
    }

    /**
     * A clause for a module that is no file.
     *
     * @param before the word before it, or null
     */
    static Optional<String> ofModule(String file, String before) {
        if ("--net".equals(before) || "--trace".equals(before)) {
            return Optional.of(before + "=" + file + " takes its value with '='");
        }
        if ("-v".equals(before) && file.contains(":")) {
            return Optional.of("-v is --verbose, directories are given by --volume " + file);
        }
        return Optional.empty();
    }
}
