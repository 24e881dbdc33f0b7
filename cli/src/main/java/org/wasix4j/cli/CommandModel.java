package org.wasix4j.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.wasix4j.types.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.IGetter;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Picocli's model of a command, built by calls. Annotations would need fewer words, but picocli
 * reads them by reflection, which took a quarter of a warm start.
 *
 * <p>A value is given to its field when it is parsed; an option that is not given leaves its field
 * as it is.
 */
final class CommandModel {

    private final CommandSpec spec = CommandSpec.create();

    /**
     * A command without options.
     *
     * @param synopsis how it is called, after {@code wasix-run}
     * @param description the paragraphs before the options
     */
    CommandModel(String name, String synopsis, String... description) {
        spec.name(name);
        spec.usageMessage()
                .sortOptions(false)
                .autoWidth(true)
                .customSynopsis(synopsis)
                .description(description);
    }

    /** The paragraphs after the options. */
    CommandModel footer(String... lines) {
        spec.usageMessage().footer(lines);
        return this;
    }

    CommandModel add(OptionGroup group) {
        group.addTo(this);
        return this;
    }

    CommandModel add(OptionSpec.Builder option) {
        spec.addOption(option.build());
        return this;
    }

    /** The words that are no options. */
    CommandModel words(Consumer<List<String>> field) {
        Field binding = new Field(field);
        spec.addPositional(
                PositionalParamSpec.builder()
                        .arity("0..*")
                        .hidden(true)
                        .type(List.class)
                        .auxiliaryTypes(String.class)
                        .getter(binding)
                        .setter(binding)
                        .build());
        return this;
    }

    /** What reads a line of words, once. */
    CommandLine parser() {
        return new CommandLine(spec);
    }

    // ---- kinds of options

    /** An option without a value. */
    static OptionSpec.Builder flag(Runnable given, String... names) {
        Consumer<Boolean> field =
                on -> {
                    if (on) {
                        given.run();
                    }
                };
        return option(boolean.class, field, names);
    }

    static OptionSpec.Builder text(String name, String label, Consumer<String> field) {
        return option(String.class, field, name).paramLabel(label);
    }

    static OptionSpec.Builder path(String name, String label, Consumer<Path> field) {
        return option(Path.class, field, name).paramLabel(label);
    }

    /** An option whose value a converter reads. */
    static <T> OptionSpec.Builder value(
            String name, String label, ITypeConverter<T> converter, Consumer<T> field) {
        return option(Object.class, field, name).paramLabel(label).converters(converter);
    }

    /** An option that can be given several times; its field receives a list that grows. */
    static <T> OptionSpec.Builder list(
            String name, String label, ITypeConverter<T> converter, Consumer<List<T>> field) {
        return list(name, label, Object.class, field).converters(converter);
    }

    /** Like the other, for values that picocli itself can read: texts and paths. */
    static <T> OptionSpec.Builder list(
            String name, String label, Class<? super T> type, Consumer<List<T>> field) {
        return option(List.class, field, name).paramLabel(label).auxiliaryTypes(type);
    }

    /** An option {@code NAME=PATH} that can be given several times. */
    static OptionSpec.Builder paths(String name, String label, Consumer<Map<String, Path>> field) {
        return option(Map.class, field, name)
                .paramLabel(label)
                .auxiliaryTypes(String.class, Path.class);
    }

    private static OptionSpec.Builder option(Class<?> type, Consumer<?> field, String... names) {
        Field binding = new Field(field);
        return OptionSpec.builder(names).type(type).getter(binding).setter(binding);
    }

    /** Where picocli keeps a value: it asks for lists again, to add to them. */
    private static final class Field implements IGetter, ISetter {

        private final Consumer<Object> field;
        private @Nullable Object value;

        @SuppressWarnings("unchecked")
        Field(Consumer<?> field) {
            // picocli gives what the option's type and converter say
            this.field = (Consumer<Object>) field;
        }

        /** The type parameter is picocli's. */
        @Override
        @Nullable
        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
        public <T> T get() {
            return (T) value;
        }

        @Override
        @Nullable
        public <T> T set(@Nullable T newValue) {
            T before = get();
            value = newValue;
            // before it parses, picocli sets what it has got from here: nothing
            if (newValue != null) {
                field.accept(newValue);
            }
            return before;
        }
    }
}
