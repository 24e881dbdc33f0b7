package org.wasix4j.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.wasix4j.types.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * A command: its options and what its help says. Plain lines are read by {@link PlainLine}, all
 * others by picocli, whose model of a command is built by calls: annotations would need fewer
 * words, but picocli reads them by reflection.
 */
final class CommandModel {

    private final String name;
    private final String synopsis;
    private final String[] description;
    private String[] footer = {};
    private final List<Option> options = new ArrayList<>();
    private @Nullable Consumer<List<String>> words;

    /**
     * A command without options.
     *
     * @param synopsis how it is called, after {@code wasix-run}
     * @param description the paragraphs before the options
     */
    CommandModel(String name, String synopsis, String... description) {
        this.name = name;
        this.synopsis = synopsis;
        this.description = description;
    }

    /** The paragraphs after the options. */
    CommandModel footer(String... lines) {
        footer = lines;
        return this;
    }

    CommandModel add(OptionGroup group) {
        group.addTo(this);
        return this;
    }

    CommandModel add(Option option) {
        options.add(option);
        return this;
    }

    /** The words that are no options. */
    CommandModel words(Consumer<List<String>> field) {
        words = field;
        return this;
    }

    /**
     * Reads a plain line, whose options are all before the other words.
     *
     * @return false when {@link #parser} has to read it, that of a new model: fields of this one
     *     may have got values
     */
    boolean reads(String... line) {
        List<String> rest = new PlainLine(options).read(line);
        if (rest == null || words == null) {
            return false;
        }
        words.accept(rest);
        return true;
    }

    /** What reads any line, once. */
    CommandLine parser() {
        CommandSpec spec = CommandSpec.create();
        spec.name(name);
        spec.usageMessage()
                .sortOptions(false)
                .autoWidth(true)
                .customSynopsis(synopsis)
                .description(description)
                .footer(footer);
        for (Option option : options) {
            spec.addOption(option.spec());
        }
        if (words != null) {
            PicocliField binding = new PicocliField(words);
            spec.addPositional(
                    PositionalParamSpec.builder()
                            .arity("0..*")
                            .hidden(true)
                            .type(List.class)
                            .auxiliaryTypes(String.class)
                            .getter(binding)
                            .setter(binding)
                            .build());
        }
        return new CommandLine(spec);
    }
}
