package org.wasix4j.cli.pack;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * How a packed module is run: the text {@code META-INF/wasix4j/program}, with a word a line and
 * what it is before it.
 *
 * @param name under which the module was packed
 * @param options of {@code wasix-run}, each with its value in one word
 * @param arguments the guest's, unless others are given
 * @param folders the guest's paths of the folders that were packed, by number
 */
public record PackedProgram(
        String name, List<String> options, List<String> arguments, List<String> folders) {

    static final String PLACE = "META-INF/wasix4j/program";
    static final String EXPLANATION = "META-INF/wasix4j/explanation";
    static final String FOLDERS = "META-INF/wasix4j/files/";

    private static final String NAME = "name ";
    private static final String OPTION = "option ";
    private static final String ARGUMENT = "argument ";
    private static final String FOLDER = "folder ";

    /** Keeps copies. */
    public PackedProgram {
        options = List.copyOf(options);
        arguments = List.copyOf(arguments);
        folders = List.copyOf(folders);
    }

    /**
     * The program of this jar.
     *
     * @throws IllegalStateException when there is none
     */
    public static PackedProgram load() {
        String name = null;
        List<String> options = new ArrayList<>();
        List<String> arguments = new ArrayList<>();
        List<String> folders = new ArrayList<>();
        for (String line : text(PLACE).split("\n")) {
            if (line.startsWith(NAME)) {
                name = line.substring(NAME.length());
            } else if (line.startsWith(OPTION)) {
                options.add(line.substring(OPTION.length()));
            } else if (line.startsWith(ARGUMENT)) {
                arguments.add(line.substring(ARGUMENT.length()));
            } else if (line.startsWith(FOLDER)) {
                folders.add(line.substring(FOLDER.length()));
            }
        }
        if (name == null) {
            throw new IllegalStateException("the packed program has no name: " + PLACE);
        }
        return new PackedProgram(name, options, arguments, folders);
    }

    /** What {@code --explain} said of the module when it was packed, with these options. */
    public static String explanation(boolean json) {
        return text(EXPLANATION + (json ? ".json" : ".txt"));
    }

    private static String text(String resource) {
        ClassLoader loader = PackedProgram.class.getClassLoader();
        try (InputStream in = loader.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("no program is packed here: no " + resource);
            }
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The file.
     *
     * @throws IllegalArgumentException when a word has a line feed, which the file cannot hold
     */
    byte[] bytes() {
        StringBuilder text = new StringBuilder();
        line(text, NAME, name);
        options.forEach(each -> line(text, OPTION, each));
        arguments.forEach(each -> line(text, ARGUMENT, each));
        folders.forEach(each -> line(text, FOLDER, each));
        return text.toString().getBytes(UTF_8);
    }

    private static void line(StringBuilder text, String what, String word) {
        if (word.indexOf('\n') >= 0) {
            throw new IllegalArgumentException(
                    "an argument with a line feed cannot be packed: " + word);
        }
        text.append(what).append(word).append('\n');
    }
}
