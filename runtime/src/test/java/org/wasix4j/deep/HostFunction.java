package org.wasix4j.deep;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.wasix4j.host.Imports;

/**
 * A function of the ABI.
 *
 * @param parameters a letter for each: i or I
 * @param result i or I, or empty
 * @param kinds what each parameter is, as in the host's list
 */
record HostFunction(
        String module, String name, String parameters, String result, List<String> kinds) {

    /** Every function of the ABI. */
    static final List<HostFunction> ALL = read();

    /** The first function of that name in the newer generation. */
    static HostFunction named(String name) {
        return ALL.stream()
                .filter(each -> each.module().equals("wasix_32v1") && each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no function " + name));
    }

    private static List<HostFunction> read() {
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                Objects.requireNonNull(
                                        Imports.class.getResourceAsStream("signatures.txt")),
                                StandardCharsets.US_ASCII))) {
            return lines.lines()
                    .filter(line -> !line.startsWith("#") && !line.isBlank())
                    .map(HostFunction::parse)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static HostFunction parse(String line) {
        String[] words = line.split(" ");
        int colon = words[2].indexOf(':');
        List<String> kinds =
                List.of(words).subList(3, words.length).stream()
                        .map(word -> word.substring(word.indexOf('=') + 1))
                        .toList();
        return new HostFunction(
                words[0],
                words[1],
                words[2].substring(0, colon),
                words[2].substring(colon + 1),
                kinds);
    }

    @Override
    public String toString() {
        return module + "." + name;
    }
}
