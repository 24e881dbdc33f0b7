package org.wasix4j.system.fs;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.wasix4j.system.error.ErrorTexts;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;

/**
 * Translates what the JVM throws about files to an errno: by its class where that decides, else by
 * its text ({@link ErrorTexts}).
 */
public final class FileErrors {

    private FileErrors() {}

    /** The error to throw for what the JVM threw. */
    public static ErrnoException of(IOException e) {
        return errno(e).exception();
    }

    /** The error number of what the JVM threw; {@code io} when nothing is known of it. */
    public static Errno errno(IOException e) {
        if (e instanceof NoSuchFileException) {
            return Errno.NOENT;
        }
        if (e instanceof FileAlreadyExistsException) {
            return Errno.EXIST;
        }
        if (e instanceof DirectoryNotEmptyException) {
            return Errno.NOTEMPTY;
        }
        if (e instanceof NotDirectoryException) {
            return Errno.NOTDIR;
        }
        if (e instanceof AtomicMoveNotSupportedException) {
            return Errno.XDEV;
        }
        if (e instanceof AccessDeniedException) {
            return Errno.ACCES;
        }
        if (e instanceof ClosedByInterruptException) {
            return Errno.INTR;
        }
        if (e instanceof ClosedChannelException) {
            return Errno.BADF;
        }
        String text = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
        Errno known = ErrorTexts.errno(text, ErrorTexts.Domain.FILE);
        return known == null ? Errno.IO : known;
    }
}
