package org.wasix4j.system.fs;

import java.nio.file.Path;

/**
 * A name on the host, for what the JVM does by path only: unix sockets. Valid while the action of
 * {@link SocketPlaces#at} runs.
 *
 * @param directory leads to the directory itself, however it is renamed
 * @param name the name in it
 * @param guestPath the absolute path in the guest, links resolved
 * @param readOnly whether nothing may be created there
 */
public record HostPlace(Path directory, Path name, String guestPath, boolean readOnly) {
    /** The whole path; short, so that it fits into a socket address. */
    public Path path() {
        return directory.resolve(name);
    }
}
