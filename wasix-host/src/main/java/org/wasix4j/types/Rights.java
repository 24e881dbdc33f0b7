package org.wasix4j.types;

/**
 * Rights of a descriptor, as {@code fdstat} reports them. This host grants by directory and by
 * network policy, not by right: a descriptor begins with all rights that make sense for its kind. A
 * guest can give rights up; the calls on files and directories, and reading and writing of every
 * kind, then answer {@code notcapable}. A right belongs to a descriptor and not to a file: a guest
 * with another way to the file can use that. The socket calls look at no right.
 *
 * <p>Source: wasi-witx {@code rights}; bits from 29 on are additions of preview1 and WASIX.
 */
public final class Rights {
    /** The right to call {@code fd_datasync}. */
    public static final long FD_DATASYNC = 1L << 0;

    /** The right to call {@code fd_read}. */
    public static final long FD_READ = 1L << 1;

    /** The right to call {@code fd_seek}. */
    public static final long FD_SEEK = 1L << 2;

    /** The right to call {@code fd_fdstat_set_flags}. */
    public static final long FD_FDSTAT_SET_FLAGS = 1L << 3;

    /** The right to call {@code fd_sync}. */
    public static final long FD_SYNC = 1L << 4;

    /** The right to call {@code fd_tell}. */
    public static final long FD_TELL = 1L << 5;

    /** The right to call {@code fd_write}. */
    public static final long FD_WRITE = 1L << 6;

    /** The right to call {@code fd_advise}. */
    public static final long FD_ADVISE = 1L << 7;

    /** The right to call {@code fd_allocate}. */
    public static final long FD_ALLOCATE = 1L << 8;

    /** The right to call {@code path_create_directory}. */
    public static final long PATH_CREATE_DIRECTORY = 1L << 9;

    /** The right to create a file by {@code path_open}. */
    public static final long PATH_CREATE_FILE = 1L << 10;

    /** The right to link a file of this directory by {@code path_link}. */
    public static final long PATH_LINK_SOURCE = 1L << 11;

    /** The right to create a name in this directory by {@code path_link}. */
    public static final long PATH_LINK_TARGET = 1L << 12;

    /** The right to call {@code path_open}. */
    public static final long PATH_OPEN = 1L << 13;

    /** The right to call {@code fd_readdir}. */
    public static final long FD_READDIR = 1L << 14;

    /** The right to call {@code path_readlink}. */
    public static final long PATH_READLINK = 1L << 15;

    /** The right to move a file out of this directory by {@code path_rename}. */
    public static final long PATH_RENAME_SOURCE = 1L << 16;

    /** The right to move a file into this directory by {@code path_rename}. */
    public static final long PATH_RENAME_TARGET = 1L << 17;

    /** The right to call {@code path_filestat_get}. */
    public static final long PATH_FILESTAT_GET = 1L << 18;

    /** The right to truncate a file by {@code path_open}. */
    public static final long PATH_FILESTAT_SET_SIZE = 1L << 19;

    /** The right to call {@code path_filestat_set_times}. */
    public static final long PATH_FILESTAT_SET_TIMES = 1L << 20;

    /** The right to call {@code fd_filestat_get}. */
    public static final long FD_FILESTAT_GET = 1L << 21;

    /** The right to call {@code fd_filestat_set_size}. */
    public static final long FD_FILESTAT_SET_SIZE = 1L << 22;

    /** The right to call {@code fd_filestat_set_times}. */
    public static final long FD_FILESTAT_SET_TIMES = 1L << 23;

    /** The right to call {@code path_symlink}. */
    public static final long PATH_SYMLINK = 1L << 24;

    /** The right to call {@code path_remove_directory}. */
    public static final long PATH_REMOVE_DIRECTORY = 1L << 25;

    /** The right to call {@code path_unlink_file}. */
    public static final long PATH_UNLINK_FILE = 1L << 26;

    /** The right to wait for it in {@code poll_oneoff}. */
    public static final long POLL_FD_READWRITE = 1L << 27;

    /** The right to call {@code sock_shutdown}. */
    public static final long SOCK_SHUTDOWN = 1L << 28;

    /** The right to call {@code sock_accept}. */
    public static final long SOCK_ACCEPT = 1L << 29;

    /** The right to call {@code sock_connect}. */
    public static final long SOCK_CONNECT = 1L << 30;

    /** The right to call {@code sock_listen}. */
    public static final long SOCK_LISTEN = 1L << 31;

    /** The right to call {@code sock_bind}. */
    public static final long SOCK_BIND = 1L << 32;

    /** The right to call {@code sock_recv}. */
    public static final long SOCK_RECV = 1L << 33;

    /** The right to call {@code sock_send}. */
    public static final long SOCK_SEND = 1L << 34;

    /** The right to call {@code sock_addr_local}. */
    public static final long SOCK_ADDR_LOCAL = 1L << 35;

    /** The right to call {@code sock_addr_peer}. */
    public static final long SOCK_ADDR_REMOTE = 1L << 36;

    /** The right to call {@code sock_recv_from}. */
    public static final long SOCK_RECV_FROM = 1L << 37;

    /** The right to call {@code sock_send_to}. */
    public static final long SOCK_SEND_TO = 1L << 38;

    /** Every right of the current generation. */
    public static final long ALL = (1L << 39) - 1;

    /** What a plain preview1 or {@code wasi_unstable} guest knows: bits 0 to 29. */
    public static final long PREVIEW1 = (1L << 30) - 1;

    /** What makes sense for a socket. */
    public static final long SOCKET =
            FD_READ
                    | FD_WRITE
                    | FD_FDSTAT_SET_FLAGS
                    | FD_FILESTAT_GET
                    | POLL_FD_READWRITE
                    | SOCK_SHUTDOWN
                    | SOCK_ACCEPT
                    | SOCK_CONNECT
                    | SOCK_LISTEN
                    | SOCK_BIND
                    | SOCK_RECV
                    | SOCK_SEND
                    | SOCK_ADDR_LOCAL
                    | SOCK_ADDR_REMOTE
                    | SOCK_RECV_FROM
                    | SOCK_SEND_TO;

    /** What makes sense for a directory, with the path calls beneath it. */
    public static final long DIRECTORY =
            FD_FDSTAT_SET_FLAGS
                    | FD_SYNC
                    | FD_ADVISE
                    | PATH_CREATE_DIRECTORY
                    | PATH_CREATE_FILE
                    | PATH_LINK_SOURCE
                    | PATH_LINK_TARGET
                    | PATH_OPEN
                    | FD_READDIR
                    | PATH_READLINK
                    | PATH_RENAME_SOURCE
                    | PATH_RENAME_TARGET
                    | PATH_FILESTAT_GET
                    | PATH_FILESTAT_SET_SIZE
                    | PATH_FILESTAT_SET_TIMES
                    | FD_FILESTAT_GET
                    | FD_FILESTAT_SET_TIMES
                    | PATH_SYMLINK
                    | PATH_REMOVE_DIRECTORY
                    | PATH_UNLINK_FILE
                    | POLL_FD_READWRITE;

    /** What makes sense for a regular file. */
    public static final long REGULAR_FILE =
            FD_DATASYNC
                    | FD_READ
                    | FD_SEEK
                    | FD_FDSTAT_SET_FLAGS
                    | FD_SYNC
                    | FD_TELL
                    | FD_WRITE
                    | FD_ADVISE
                    | FD_ALLOCATE
                    | FD_FILESTAT_GET
                    | FD_FILESTAT_SET_SIZE
                    | FD_FILESTAT_SET_TIMES
                    | POLL_FD_READWRITE;

    private Rights() {}
}
