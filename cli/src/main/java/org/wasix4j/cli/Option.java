package org.wasix4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.wasix4j.types.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.OptionSpec;

/**
 * An option of a command: its names, what it does with its value, and what the help says of it. A
 * value is given to its field when it is read; an option that is not given leaves its field as it
 * is.
 */
final class Option {

    /** How often an option can be given, and what its field receives. */
    private enum Form {
        /** Without a value: a yes. */
        FLAG,
        /** Once: the value. */
        SINGLE,
        /** A list that grows. */
        LIST,
        /** A map that grows; the value is {@code KEY=PATH}. */
        MAP
    }

    private final Form form;
    private final Consumer<Object> field;

    /** How picocli calls the type of a value that no converter of ours reads. */
    private final Class<?> type;

    private final @Nullable ITypeConverter<?> converter;
    private String[] names;
    private String label = "";
    private String[] description = {};
    private @Nullable Iterable<String> candidates;
    private @Nullable Runnable alone;
    private boolean hidden;
    private boolean usageHelp;
    private boolean versionHelp;

    /** What the field has received, of an option that can be given several times. */
    private @Nullable Object collected;

    @SuppressWarnings("unchecked")
    private Option(
            Form form,
            Class<?> type,
            @Nullable ITypeConverter<?> converter,
            Consumer<?> field,
            String... names) {
        this.form = form;
        this.type = type;
        this.converter = converter;
        // it gets what the form and the converter say
        this.field = (Consumer<Object>) field;
        this.names = names;
    }

    // ---- kinds of options

    /** An option without a value. */
    static Option flag(Runnable given, String... names) {
        Consumer<Boolean> field =
                on -> {
                    if (on) {
                        given.run();
                    }
                };
        return new Option(Form.FLAG, boolean.class, null, field, names);
    }

    static Option text(String name, String label, Consumer<String> field) {
        return new Option(Form.SINGLE, String.class, null, field, name).labelled(label);
    }

    static Option path(String name, String label, Consumer<Path> field) {
        return new Option(Form.SINGLE, Path.class, null, field, name).labelled(label);
    }

    /** An option whose value a converter reads. */
    static <T> Option value(
            String name, String label, ITypeConverter<T> converter, Consumer<T> field) {
        return new Option(Form.SINGLE, Object.class, converter, field, name).labelled(label);
    }

    /** An option that can be given several times; its field receives a list that grows. */
    static <T> Option list(
            String name, String label, ITypeConverter<T> converter, Consumer<List<T>> field) {
        return new Option(Form.LIST, Object.class, converter, field, name).labelled(label);
    }

    /** Like the other, for texts. */
    static Option texts(String name, String label, Consumer<List<String>> field) {
        return new Option(Form.LIST, String.class, null, field, name).labelled(label);
    }

    /** Like the other, for paths. */
    static Option paths(String name, String label, Consumer<List<Path>> field) {
        return new Option(Form.LIST, Path.class, null, field, name).labelled(label);
    }

    /** An option {@code NAME=PATH} that can be given several times. */
    static Option namedPaths(String name, String label, Consumer<Map<String, Path>> field) {
        return new Option(Form.MAP, Path.class, null, field, name).labelled(label);
    }

    // ---- more of an option

    private Option labelled(String text) {
        label = text;
        return this;
    }

    /** All names, in the place of the one so far. */
    Option names(String... all) {
        names = all;
        return this;
    }

    Option description(String... lines) {
        description = lines;
        return this;
    }

    /** The values that it can have. */
    Option candidates(Iterable<String> values) {
        candidates = values;
        return this;
    }

    /**
     * Its value can be left out; a value has to be attached by an equals sign.
     *
     * @param action what the option means without a value
     */
    Option orAlone(Runnable action) {
        alone = action;
        return this;
    }

    /** The help does not show it. */
    Option hidden() {
        hidden = true;
        return this;
    }

    /** It asks for the help. */
    Option forHelp() {
        usageHelp = true;
        return this;
    }

    /** It asks for the version. */
    Option forVersion() {
        versionHelp = true;
        return this;
    }

    // ---- reading it

    String[] names() {
        return names;
    }

    /** Whether the next word is its value when none is attached. */
    boolean takesNextWord() {
        return form != Form.FLAG && alone == null;
    }

    /** Whether it asks for the help, which only picocli can write. */
    boolean asksForHelp() {
        return usageHelp;
    }

    boolean isRepeatable() {
        return form == Form.LIST || form == Form.MAP;
    }

    /**
     * Reads it without a value.
     *
     * @return false when it needs one
     */
    boolean readAlone() {
        if (form == Form.FLAG) {
            field.accept(true);
        } else if (alone != null) {
            alone.run();
        } else {
            return false;
        }
        return true;
    }

    /**
     * Reads its value.
     *
     * @return false when it takes none, or not this one
     * @throws Exception what the converter says of a wrong value
     */
    // a converter's own signature
    @SuppressWarnings("unchecked")
    boolean read(String text) throws Exception {
        switch (form) {
            case FLAG:
                return false;
            case SINGLE:
                field.accept(convert(text));
                return true;
            case LIST:
                if (collected == null) {
                    collected = new ArrayList<>();
                }
                ((List<Object>) collected).add(convert(text));
                field.accept(collected);
                return true;
            case MAP:
                int equals = text.indexOf('=');
                if (equals <= 0) {
                    return false;
                }
                if (collected == null) {
                    collected = new LinkedHashMap<>();
                }
                ((Map<Object, Object>) collected)
                        .put(text.substring(0, equals), convert(text.substring(equals + 1)));
                field.accept(collected);
                return true;
        }
        throw new AssertionError(form);
    }

    private Object convert(String text) throws Exception {
        if (converter != null) {
            return converter.convert(text);
        }
        return type == Path.class ? Path.of(text) : text;
    }

    // ---- for picocli

    /** Picocli's model of it. */
    OptionSpec spec() {
        PicocliField binding = new PicocliField(field);
        OptionSpec.Builder spec =
                OptionSpec.builder(names)
                        .getter(binding)
                        .setter(binding)
                        .description(description)
                        .hidden(hidden)
                        .usageHelp(usageHelp)
                        .versionHelp(versionHelp);
        if (form == Form.LIST) {
            spec.type(List.class).auxiliaryTypes(type);
        } else if (form == Form.MAP) {
            spec.type(Map.class).auxiliaryTypes(String.class, type);
        } else {
            spec.type(type);
        }
        if (!label.isEmpty()) {
            spec.paramLabel(label);
        }
        if (converter != null) {
            spec.converters(converter);
        }
        if (candidates != null) {
            spec.completionCandidates(candidates);
        }
        if (alone != null) {
            spec.arity("0..1").preprocessor(new OnlyAttached(alone));
        }
        return spec.build();
    }
}
