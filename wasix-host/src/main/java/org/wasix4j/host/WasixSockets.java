package org.wasix4j.host;

/**
 * Sockets: the {@code sock_*} functions and {@code resolve}.
 *
 * <p>Source: wasi-witx {@code wasi_snapshot_preview1.witx}, wasix-witx; the man pages of the POSIX
 * cousins.
 */
public final class WasixSockets implements HostModule {

    @Override
    public void register(Registry registry) {}
}
