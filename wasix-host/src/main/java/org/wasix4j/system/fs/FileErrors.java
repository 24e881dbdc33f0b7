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
import java.util.LinkedHashMap;
import java.util.Map;
import org.wasix4j.system.error.LocalizedErrors;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;

/**
 * What the JVM throws about files, as the error number that the kernel gave it: by class where
 * there is one, else by the kernel's text, which is all that the JVM hands on.
 */
public final class FileErrors {

    private static final Map<String, Errno> TEXTS = new LinkedHashMap<>();

    static {
        TEXTS.put("No such file or directory", Errno.NOENT);
        TEXTS.put("Not a directory", Errno.NOTDIR);
        TEXTS.put("Is a directory", Errno.ISDIR);
        TEXTS.put("File exists", Errno.EXIST);
        TEXTS.put("Directory not empty", Errno.NOTEMPTY);
        TEXTS.put("Too many levels of symbolic links", Errno.LOOP);
        TEXTS.put("File name too long", Errno.NAMETOOLONG);
        TEXTS.put("Read-only file system", Errno.ROFS);
        TEXTS.put("Permission denied", Errno.ACCES);
        TEXTS.put("Operation not permitted", Errno.PERM);
        TEXTS.put("No space left on device", Errno.NOSPC);
        TEXTS.put("Disk quota exceeded", Errno.DQUOT);
        TEXTS.put("File too large", Errno.FBIG);
        TEXTS.put("Invalid cross-device link", Errno.XDEV);
        TEXTS.put("Device or resource busy", Errno.BUSY);
        TEXTS.put("Invalid argument", Errno.INVAL);
        TEXTS.put("Too many links", Errno.MLINK);
        TEXTS.put("Too many open files in system", Errno.NFILE);
        TEXTS.put("Too many open files", Errno.MFILE);
        TEXTS.put("Text file busy", Errno.TXTBSY);
        TEXTS.put("Broken pipe", Errno.PIPE);
        TEXTS.put("Bad file descriptor", Errno.BADF);
        TEXTS.put("Illegal seek", Errno.SPIPE);
        TEXTS.put("No such device or address", Errno.NXIO);
        TEXTS.put("No such device", Errno.NODEV);
        TEXTS.put("Invalid or incomplete multibyte", Errno.ILSEQ);
        TEXTS.put("Operation not supported", Errno.NOTSUP);
        TEXTS.put("Value too large", Errno.OVERFLOW);
        TEXTS.put("Stale file handle", Errno.STALE);
        TEXTS.put("Cannot allocate memory", Errno.NOMEM);
        TEXTS.put("Resource temporarily unavailable", Errno.AGAIN);
        TEXTS.put("Stream closed", Errno.BADF);
        TEXTS.put("Stream Closed", Errno.BADF);
    }

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
        if (text == null) {
            return Errno.IO;
        }
        Errno known = byText(text);
        known = known == null ? byText(LocalizedErrors.english(text)) : known;
        return known == null ? Errno.IO : known;
    }

    private static Errno byText(String text) {
        for (Map.Entry<String, Errno> entry : TEXTS.entrySet()) {
            if (text.contains(entry.getKey())) {
                return entry.getValue();
            }
        }
        return null;
    }
}
