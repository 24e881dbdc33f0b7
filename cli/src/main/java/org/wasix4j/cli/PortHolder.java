package org.wasix4j.cli;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The process that has a port of this machine, by /proc of Linux; unknown on other systems. */
final class PortHolder {

    private static final String LISTENS = "0A";

    // columns of /proc/net/tcp
    private static final int LOCAL = 1;
    private static final int STATE = 3;
    private static final int USER = 7;
    private static final int INODE = 9;

    private final Path proc;

    PortHolder(Path proc) {
        this.proc = proc;
    }

    /** Of this machine. */
    static PortHolder here() {
        return new PortHolder(Path.of("/proc"));
    }

    /** A clause: {@code process 17 (nginx)}, or the user when that is all that can be seen. */
    Optional<String> of(int port) {
        for (String table : new String[] {"tcp", "tcp6", "udp", "udp6"}) {
            for (String line : lines(proc.resolve("net").resolve(table))) {
                String[] columns = line.strip().split("\\s+");
                if (columns.length > INODE && isHeld(columns, port, table)) {
                    return Optional.of(describe(columns[INODE], columns[USER]));
                }
            }
        }
        return Optional.empty();
    }

    private static boolean isHeld(String[] columns, int port, String table) {
        String local = columns[LOCAL];
        return local.endsWith(String.format(":%04X", port))
                && (!table.startsWith("tcp") || columns[STATE].equals(LISTENS));
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of();
        }
    }

    private String describe(String inode, String user) {
        String link = "socket:[" + inode + "]";
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
            for (Path process : processes) {
                if (holds(process.resolve("fd"), link)) {
                    List<String> name = lines(process.resolve("comm"));
                    return "process "
                            + process.getFileName()
                            + (name.isEmpty() ? "" : " (" + name.get(0) + ")");
                }
            }
        } catch (IOException e) {
            // then the user is all that is known
        }
        return "a process of user " + user;
    }

    /** Whether a process has a descriptor of that; those of other users cannot be looked at. */
    private static boolean holds(Path descriptors, String link) {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(descriptors)) {
            for (Path each : all) {
                if (Files.readSymbolicLink(each).toString().equals(link)) {
                    return true;
                }
            }
        } catch (IOException e) {
            return false;
        }
        return false;
    }
}
