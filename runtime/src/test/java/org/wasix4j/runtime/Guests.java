package org.wasix4j.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The guests of these tests, assembled from the texts beside them. */
public final class Guests {

    private Guests() {}

    /** The binary of a guest. */
    public static byte[] bytes(String name) {
        try (InputStream stream = Guests.class.getResourceAsStream("/guests/" + name + ".wasm")) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A guest, compiled. */
    public static WasixModule compiled(String name) {
        return WasixModule.load(name, bytes(name), Engine.COMPILER);
    }

    /** Writes the binary into a folder and answers the file. */
    public static Path file(Path folder, String name) {
        try {
            return Files.write(folder.resolve(name + ".wasm"), bytes(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
