package org.wasix4j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/** The file of a trace. When it cannot be written any more, that is reported once. */
final class TraceOutput implements Consumer<String>, AutoCloseable {

    private static final Path STANDARD_OUTPUT = Path.of("-");

    private final Path file;
    private final Messages messages;
    private final OutputStream out;
    private boolean failed;

    private TraceOutput(Path file, Messages messages, OutputStream out) {
        this.file = file;
        this.messages = messages;
        this.out = out;
    }

    /**
     * Opens it.
     *
     * @param file or '-' for standard output
     * @throws IOException with a sentence
     */
    static TraceOutput open(Path file, Messages messages, Streams streams) throws IOException {
        try {
            OutputStream out =
                    file.equals(STANDARD_OUTPUT) ? withoutClose(streams.out()) : create(file);
            return new TraceOutput(file, messages, out);
        } catch (IOException e) {
            throw new IOException("cannot write the trace to " + file + ": " + Reasons.of(e), e);
        }
    }

    private static OutputStream withoutClose(OutputStream stream) {
        return new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                stream.write(octet);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                stream.write(bytes, offset, length);
                stream.flush();
            }
        };
    }

    /** A link is not followed, as an earlier guest may have left it; those in /dev are ours. */
    private static OutputStream create(Path file) throws IOException {
        Set<OpenOption> options =
                new HashSet<>(
                        Set.of(
                                StandardOpenOption.CREATE,
                                StandardOpenOption.TRUNCATE_EXISTING,
                                StandardOpenOption.WRITE));
        if (!isDevice(file)) {
            options.add(LinkOption.NOFOLLOW_LINKS);
            if (Files.isSymbolicLink(file)) {
                throw new IOException("it is a symbolic link");
            }
        }
        return Files.newOutputStream(file, options.toArray(new OpenOption[0]));
    }

    private static boolean isDevice(Path file) {
        return Path.of("/dev").equals(file.toAbsolutePath().normalize().getParent());
    }

    /** Whether it is a file that a guest must not be able to exchange. */
    static boolean isPlainFile(Path file) {
        return !file.equals(STANDARD_OUTPUT) && !isDevice(file);
    }

    @Override
    public void accept(String line) {
        byte[] bytes = (line + "\n").getBytes(UTF_8);
        IOException failure = null;
        synchronized (this) {
            if (failed) {
                return;
            }
            try {
                out.write(bytes, 0, bytes.length);
            } catch (IOException e) {
                failed = true;
                failure = e;
            }
        }
        if (failure != null) {
            messages.notice(
                    "the trace ends here: " + file + " cannot be written: " + failure.getMessage());
        }
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            messages.notice("the end of the trace may be lost: " + e.getMessage());
        }
    }
}
