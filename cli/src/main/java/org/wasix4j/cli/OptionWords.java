package org.wasix4j.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The options at the beginning of a command line, each with its value in one word. The line has to
 * be one that the parser takes.
 */
final class OptionWords {

    /**
     * An option as it was given.
     *
     * @param spec what it is, or null when it is several short ones in one word
     * @param word with its value
     */
    record Given(OptionSpec spec, String word) {}

    private final List<Given> options = new ArrayList<>();
    private final List<String> rest;

    OptionWords(CommandSpec command, List<String> line) {
        int at = 0;
        while (at < line.size()) {
            String word = line.get(at);
            if (word.equals("--") || !word.startsWith("-") || word.equals("-")) {
                break;
            }
            int equals = word.indexOf('=');
            OptionSpec spec = command.findOption(equals < 0 ? word : word.substring(0, equals));
            if (equals < 0 && spec != null && spec.arity().min() > 0 && at + 1 < line.size()) {
                word = word + "=" + line.get(++at);
            }
            options.add(new Given(spec, word));
            at++;
        }
        if (at < line.size() && line.get(at).equals("--")) {
            at++;
        }
        rest = List.copyOf(line.subList(at, line.size()));
    }

    OptionWords(CommandSpec command, String... line) {
        this(command, Arrays.asList(line));
    }

    /** What comes after the options; the separator is not among it. */
    List<String> rest() {
        return rest;
    }

    /** All options but some. */
    List<String> without(Set<String> names) {
        List<String> words = new ArrayList<>();
        for (Given each : options) {
            if (each.spec() == null || !names.contains(each.spec().longestName())) {
                words.add(each.word());
            }
        }
        return words;
    }

    /** The longest name of each option. */
    Set<String> names() {
        Set<String> names = new LinkedHashSet<>();
        for (Given each : options) {
            if (each.spec() != null) {
                names.add(each.spec().longestName());
            }
        }
        return names;
    }
}
