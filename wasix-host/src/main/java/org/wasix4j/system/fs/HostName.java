package org.wasix4j.system.fs;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.wasix4j.types.Errno;
import org.wasix4j.types.PathText;

/**
 * Names of files between the guest, where they are bytes ({@link PathText}), and the JVM, where
 * they are text of the locale: in the C locale {@code Path.of} refuses every letter beyond ASCII,
 * in UTF-8 every byte that is none. There the bytes go in and out as a file URI, which no locale
 * touches.
 */
final class HostName {

    private static final boolean UTF8 =
            "UTF-8".equalsIgnoreCase(System.getProperty("sun.jnu.encoding"));

    private HostName() {}

    /** The host's path for a name, or for the text of a symbolic link. */
    static Path toPath(String name) {
        try {
            if (isAscii(name) || UTF8 && !PathText.hasBytes(name)) {
                return Path.of(name);
            }
            StringBuilder uri = new StringBuilder("file:///");
            for (byte b : PathText.encode(name)) {
                if (b == '/') {
                    uri.append('/');
                } else {
                    uri.append('%').append(String.format("%02X", b & 0xff));
                }
            }
            Path absolute = Path.of(URI.create(uri.toString()));
            return name.startsWith("/") ? absolute : absolute.subpath(0, absolute.getNameCount());
        } catch (InvalidPathException e) {
            throw Errno.ILSEQ.exception();
        }
    }

    /** The guest's text for a host's name, or for the text of a symbolic link. */
    static String toText(Path path) {
        String text = path.toString();
        // what the JVM could not decode has become a question mark or U+FFFD
        if (UTF8 ? text.indexOf('\ufffd') < 0 : isAscii(text) && text.indexOf('?') < 0) {
            return text;
        }
        Path absolute = path.isAbsolute() ? path : Path.of("/").resolve(path);
        String raw = absolute.toUri().getRawPath();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.length());
        for (int i = path.isAbsolute() ? 0 : 1; i < raw.length(); i++) {
            if (raw.charAt(i) == '%') {
                bytes.write(Integer.parseInt(raw.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                bytes.write(raw.charAt(i));
            }
        }
        String decoded = PathText.decode(bytes.toByteArray());
        return decoded.length() > 1 && decoded.endsWith("/")
                ? decoded.substring(0, decoded.length() - 1)
                : decoded;
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }
}
