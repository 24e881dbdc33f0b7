package org.wasix4j.system.fs;

import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.function.Consumer;
import org.wasix4j.system.fd.FileStat;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.types.Nullable;

/**
 * A directory held open: one of the host's, or one of our own making. Every operation takes one
 * name and acts in this very directory, whatever has become of its own name, and never follows a
 * symbolic link. Which names are meant, links included, is decided above, by the {@link Walker}.
 *
 * <p>All methods throw the error number that openat(2) and its family have for the fault.
 */
interface Folder extends AutoCloseable {

    /** Which directory this is: equal for two that are the same. */
    Object key();

    /**
     * One more user.
     *
     * @throws org.wasix4j.types.ErrnoException badf when it is closed already
     */
    Folder retain();

    @Override
    void close();

    // ---- looking

    /** What a name stands for, a symbolic link being itself; null when there is no such name. */
    @Nullable
    BasicFileAttributes look(String name);

    /** The directory's own data. */
    FileStat stat();

    /**
     * lstat(2) of a name, or null when nothing has it any more.
     *
     * @param seen what {@link #look} returned
     */
    @Nullable
    FileStat stat(String name, BasicFileAttributes seen);

    /** What a symbolic link says; inval for what is none. */
    String readLink(String name);

    /** Hands out the names in this directory, without the two dots, as they are now. */
    void names(Consumer<String> sink);

    /** Whether the directory was removed, so that nothing is in it and nothing can be made. */
    boolean isRemoved();

    /** The inode number of what was looked at. */
    long inode(BasicFileAttributes found);

    // ---- opening

    /**
     * A mark of the names in this directory as they are now. With it, what is looked at afterwards
     * need not be looked at again to be opened, unless a guest has replaced a name meanwhile.
     */
    default long mark() {
        return 0;
    }

    /** Opens a directory in this one. */
    default Folder openDirectory(String name) {
        return openDirectory(name, null, 0);
    }

    /**
     * Opens a directory in this one.
     *
     * @param seen what {@link #look} returned, or null when it was not called
     * @param mark what {@link #mark} returned before that
     */
    Folder openDirectory(String name, @Nullable BasicFileAttributes seen, long mark);

    /** Whether what was looked at, and is no directory, can be opened at all. */
    boolean opens(BasicFileAttributes found);

    /**
     * Opens a file in this directory, or makes it.
     *
     * @param seen what {@link #look} returned, or null when there was nothing
     * @param mark what {@link #mark} returned before that
     * @param readOnly whether it lies where nothing can be changed
     */
    OpenDescription open(
            String name,
            @Nullable BasicFileAttributes seen,
            long mark,
            OpenMode mode,
            boolean readOnly);

    // ---- changing

    /** unlinkat(2). */
    void unlink(String name);

    /** unlinkat(2) with AT_REMOVEDIR. */
    void removeDirectory(String name);

    /** renameat(2), into a directory of the same kind. */
    void rename(String name, Folder target, String newName);

    /** mkdirat(2). */
    void createDirectory(String name);

    /** symlinkat(2). */
    void createLink(String name, String text);

    /** linkat(2): a second name, in a directory of the same kind, for what has a name here. */
    void link(String name, Folder target, String newName);

    /** utimensat(2) of a name, a symbolic link being itself; null leaves a time as it is. */
    void setTimes(String name, @Nullable FileTime access, @Nullable FileTime modification);

    /** futimens(2) of the directory itself; null leaves a time as it is. */
    void setTimes(@Nullable FileTime access, @Nullable FileTime modification);

    /** fsync(2) of the directory. */
    void sync();
}
