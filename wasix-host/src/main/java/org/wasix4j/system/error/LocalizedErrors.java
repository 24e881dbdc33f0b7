package org.wasix4j.system.error;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.wasix4j.types.Nullable;

/**
 * The C library's words for an error, back in English. Of most errors the JVM hands on nothing but
 * what strerror(3) says, and that is in the language of the host's locale; so the translations are
 * looked up in the library's own catalogue, in the format of GNU gettext.
 */
public final class LocalizedErrors {

    private static final int MAGIC = 0x950412de;
    private static final int MAX_SIZE = 4 << 20;

    /** English texts by their translations; null until they are asked for. */
    private static volatile @Nullable Map<String, String> english;

    private LocalizedErrors() {}

    /**
     * The English text of which a translation is at the beginning of another text.
     *
     * @param text what the JVM says, in whatever language
     * @return the English of it, or the text itself when it is no translation that is known
     */
    public static String english(String text) {
        Map<String, String> texts = english;
        if (texts == null) {
            texts = load(catalogues(System.getenv()));
            english = texts;
        }
        return english(text, texts);
    }

    static String english(String text, Map<String, String> texts) {
        String whole = texts.get(text);
        if (whole != null) {
            return whole;
        }
        String longest = "";
        for (String each : texts.keySet()) {
            // the JVM may have added words of its own
            if (each.length() > longest.length() && text.startsWith(each)) {
                longest = each;
            }
        }
        return texts.getOrDefault(longest, text);
    }

    /** Where translations may be, the wanted languages first, as gettext(3) looks for them. */
    static List<Path> catalogues(Map<String, String> environment) {
        String locale = "";
        for (String name : List.of("LC_ALL", "LC_MESSAGES", "LANG")) {
            if (locale.isEmpty()) {
                locale = environment.getOrDefault(name, "");
            }
        }
        List<Path> files = new ArrayList<>();
        if (locale.isEmpty() || locale.equals("C") || locale.equals("POSIX")) {
            return files;
        }
        List<String> languages = new ArrayList<>();
        for (String each : environment.getOrDefault("LANGUAGE", "").split(":")) {
            addVariants(each, languages);
        }
        addVariants(locale, languages);
        for (String language : languages) {
            for (String folder : List.of("/usr/share/locale", "/usr/share/locale-langpack")) {
                files.add(Path.of(folder, language, "LC_MESSAGES", "libc.mo"));
            }
        }
        return files;
    }

    /** Of de_DE.UTF-8@euro: de_DE@euro, de_DE, de@euro, de. */
    private static void addVariants(String locale, List<String> languages) {
        Matcher parts =
                Pattern.compile("([A-Za-z]+)(_[A-Za-z]+)?(?:\\.[\\w-]+)?(@\\w+)?").matcher(locale);
        if (!parts.matches()) {
            return;
        }
        String territory = parts.group(2) == null ? "" : parts.group(2);
        String modifier = parts.group(3) == null ? "" : parts.group(3);
        languages.add(parts.group(1) + territory + modifier);
        languages.add(parts.group(1) + territory);
        languages.add(parts.group(1) + modifier);
        languages.add(parts.group(1));
    }

    /** English texts by their translations; an earlier catalogue decides. */
    static Map<String, String> load(List<Path> files) {
        Map<String, String> texts = new HashMap<>();
        for (Path file : files) {
            try {
                if (Files.isRegularFile(file) && Files.size(file) <= MAX_SIZE) {
                    read(ByteBuffer.wrap(Files.readAllBytes(file)), texts);
                }
            } catch (IOException | RuntimeException e) {
                // not a catalogue: what it would say stays unknown
            }
        }
        return texts;
    }

    /**
     * Reads a catalogue: its magic number, at 8 how many texts there are, at 12 and 16 where the
     * tables of the English and of the translated ones are, with length and place of each.
     */
    private static void read(ByteBuffer file, Map<String, String> texts) {
        file.order(ByteOrder.LITTLE_ENDIAN);
        if (file.getInt(0) != MAGIC) {
            file.order(ByteOrder.BIG_ENDIAN);
            if (file.getInt(0) != MAGIC) {
                return;
            }
        }
        int count = file.getInt(8);
        Charset charset = StandardCharsets.UTF_8;
        for (int i = 0; i < count; i++) {
            String original = text(file, file.getInt(12) + 8 * i, StandardCharsets.UTF_8);
            String translation = text(file, file.getInt(16) + 8 * i, charset);
            if (original.isEmpty()) {
                // the first: about the catalogue itself
                Matcher named = Pattern.compile("charset=([\\w-]+)").matcher(translation);
                charset = named.find() ? Charset.forName(named.group(1)) : charset;
            } else if (!translation.isEmpty()) {
                texts.putIfAbsent(translation, original);
            }
        }
    }

    // wrapped around a whole array
    @SuppressWarnings("ByteBufferBackingArray")
    private static String text(ByteBuffer file, int entry, Charset charset) {
        return new String(file.array(), file.getInt(entry + 4), file.getInt(entry), charset);
    }
}
