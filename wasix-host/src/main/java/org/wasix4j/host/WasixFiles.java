package org.wasix4j.host;

/**
 * Files: the {@code path_*} functions and the {@code fd_*} functions that only files have.
 *
 * <p>Source: wasi-witx {@code wasi_snapshot_preview1.witx}, wasix-witx; the man pages of the POSIX
 * cousins.
 */
public final class WasixFiles implements HostModule {

    @Override
    public void register(Registry registry) {}
}
