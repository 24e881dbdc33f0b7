package org.wasix4j.host;

/**
 * Arguments, environment, clocks, randomness, terminal.
 *
 * <p>Source: wasi-witx {@code wasi_snapshot_preview1.witx}, wasix-witx; the man pages of the POSIX
 * cousins.
 */
public final class WasixSystem implements HostModule {

    @Override
    public void register(Registry registry) {}
}
