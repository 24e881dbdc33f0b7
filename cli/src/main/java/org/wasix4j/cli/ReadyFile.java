package org.wasix4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.wasix4j.runtime.ProcessListener;
import org.wasix4j.types.Printable;
import org.wasix4j.types.SocketAddr;

/**
 * The file of {@code --ready-file}: a line for each address on which the guest listens, {@code
 * 127.0.0.1:8080}, {@code [::1]:8080}, or {@code unix:} and a path, in which what would end the
 * line or control a terminal is {@code \\uXXXX} and a backslash is two. It is there exactly as long
 * as the guest listens, and it is replaced as a whole: a reader never sees a part of it.
 */
final class ReadyFile implements ProcessListener {

    private final Path file;
    private final Messages messages;
    private final List<SocketAddr> addresses = new ArrayList<>();

    /**
     * A file that is to be written. What an earlier run may have left is removed.
     *
     * @throws IOException with a sentence when it cannot be written there
     */
    ReadyFile(Path file, Messages messages) throws IOException {
        this.file = file.toAbsolutePath();
        this.messages = messages;
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)
                && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("the file exists and is not a regular file");
        }
        Files.deleteIfExists(file);
        Path parent = this.file.getParent();
        if (parent == null || !Files.isDirectory(parent) || !Files.isWritable(parent)) {
            throw new IOException("its folder cannot be written");
        }
    }

    @Override
    public synchronized void listening(SocketAddr local) {
        addresses.add(local);
        update();
    }

    @Override
    public synchronized void stoppedListening(SocketAddr local) {
        addresses.remove(local);
        update();
    }

    private void update() {
        try {
            if (addresses.isEmpty()) {
                Files.deleteIfExists(file);
                return;
            }
            String lines =
                    addresses.stream()
                            .map(each -> Printable.exact(each.toString()) + "\n")
                            .collect(Collectors.joining());
            String unique = Long.toHexString(ThreadLocalRandom.current().nextLong());
            Path beside = file.resolveSibling("." + file.getFileName() + "." + unique);
            try {
                // a new file, so never one that a link leads to
                Files.writeString(
                        beside, lines, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(beside);
            }
        } catch (IOException e) {
            messages.notice("cannot write " + file + ": " + e);
        }
    }
}
