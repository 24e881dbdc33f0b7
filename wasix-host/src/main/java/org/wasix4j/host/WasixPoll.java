package org.wasix4j.host;

/**
 * Waiting: {@code poll_oneoff}, the {@code epoll_*} functions, {@code fd_event}, {@code fd_pipe}.
 *
 * <p>Source: wasi-witx {@code wasi_snapshot_preview1.witx}, wasix-witx; the man pages of the POSIX
 * cousins.
 */
public final class WasixPoll implements HostModule {

    @Override
    public void register(Registry registry) {}
}
