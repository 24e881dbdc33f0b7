package org.wasix4j.host;

/**
 * Threads and futexes: {@code thread_*}, {@code futex_*}, {@code thread-spawn}.
 *
 * <p>Source: wasi-witx {@code wasi_snapshot_preview1.witx}, wasix-witx; the man pages of the POSIX
 * cousins.
 */
public final class WasixThreads implements HostModule {

    @Override
    public void register(Registry registry) {}
}
