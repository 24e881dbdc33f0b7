package org.wasix4j.cli;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/**
 * Why something about a file failed, in words; the exceptions of Java often have its name alone.
 */
final class Reasons {

    private Reasons() {}

    /** A clause without the name of the file. */
    static String of(IOException thrown) {
        if (thrown instanceof NoSuchFileException) {
            return "no such file or folder";
        }
        if (thrown instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (thrown instanceof CharacterCodingException) {
            return "it is not UTF-8 text";
        }
        if (thrown instanceof FileSystemException file && file.getReason() != null) {
            return file.getReason();
        }
        return thrown.getMessage() == null ? thrown.toString() : thrown.getMessage();
    }
}
