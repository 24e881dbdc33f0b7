package org.wasix4j.cli;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.wasix4j.types.Nullable;

/**
 * Reads a command line as most are: options by their whole names with right values, and a module.
 * Picocli, which reads all others, and says what is wrong with them, takes a seventh of a start and
 * three megabytes.
 */
final class PlainLine {

    private final Map<String, Option> options = new HashMap<>();

    /**
     * A reader.
     *
     * @param options those of the command
     */
    PlainLine(List<Option> options) {
        for (Option option : options) {
            for (String name : option.names()) {
                this.options.put(name, option);
            }
        }
    }

    /**
     * Reads a line; the fields of its options have their values then.
     *
     * @return the words that are no options, or null when picocli has to read the line, into fields
     *     that nothing was given to
     */
    @Nullable
    List<String> read(String... line) {
        for (String word : line) {
            if (word.startsWith("@")) {
                // a file with arguments
                return null;
            }
        }
        Set<Option> given = new HashSet<>();
        int at = 0;
        while (at < line.length && line[at].startsWith("-")) {
            String word = line[at++];
            if (word.equals("--")) {
                break;
            }
            int equals = word.indexOf('=');
            Option option = options.get(equals < 0 ? word : word.substring(0, equals));
            if (option == null
                    || option.asksForHelp()
                    || !given.add(option) && !option.isRepeatable()) {
                return null;
            }
            String value = equals < 0 ? null : word.substring(equals + 1);
            if (value == null && option.takesNextWord()) {
                if (at == line.length || line[at].startsWith("-")) {
                    return null;
                }
                value = line[at++];
            }
            if (!(value == null ? option.readAlone() : isRead(option, value))) {
                return null;
            }
        }
        return Arrays.asList(line).subList(at, line.length);
    }

    // a converter's own signature; picocli will say what is wrong
    private static boolean isRead(Option option, String value) {
        try {
            return !value.isEmpty() && option.read(value);
        } catch (Exception e) {
            return false;
        }
    }
}
