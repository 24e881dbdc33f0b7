package org.wasix4j.host;

/**
 * Processes and signals: {@code proc_*} and {@code callback_signal}.
 *
 * <p>Source: wasi-witx {@code wasi_snapshot_preview1.witx}, wasix-witx; the man pages of the POSIX
 * cousins.
 */
public final class WasixProcesses implements HostModule {

    @Override
    public void register(Registry registry) {}
}
