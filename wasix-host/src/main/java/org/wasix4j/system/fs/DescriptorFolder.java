package org.wasix4j.system.fs;

import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.wasix4j.system.fd.FdTable;
import org.wasix4j.system.fd.FileStat;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.types.Errno;
import org.wasix4j.types.FileType;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.Rights;

/**
 * {@code /dev/fd}: the descriptors of the process that looks, by number. Opening one gives another
 * number for the same description, as dup(2); Linux does so for what is no file.
 */
final class DescriptorFolder extends OwnFolder {

    private final Supplier<FdTable> table;

    /** A view of a table that is made when it is looked at. */
    DescriptorFolder(Supplier<FdTable> table) {
        this.table = table;
    }

    @Override
    int links() {
        return 2;
    }

    /** The number of a name, or -1. */
    private static int number(String name) {
        boolean decimal =
                !name.isEmpty()
                        && name.length() <= 9
                        && name.chars().allMatch(c -> c >= '0' && c <= '9')
                        && (name.length() == 1 || name.charAt(0) != '0');
        return decimal ? Integer.parseInt(name) : -1;
    }

    private @Nullable OpenDescription description(String name) {
        int number = number(name);
        FdTable descriptors = table.get();
        return number < 0 || descriptors == null ? null : descriptors.find(number);
    }

    @Override
    public @Nullable BasicFileAttributes look(String name) {
        return description(name) == null ? null : new Entry();
    }

    /** A name that is neither file nor directory: stat reports what is known of it. */
    private static final class Entry extends MemoryNode {
        @Override
        FileType type() {
            return FileType.UNKNOWN;
        }
    }

    @Override
    public @Nullable FileStat stat(String name, BasicFileAttributes seen) {
        OpenDescription description = description(name);
        return description == null ? null : description.stat();
    }

    @Override
    public String readLink(String name) {
        throw (description(name) == null ? Errno.NOENT : Errno.INVAL).exception();
    }

    @Override
    public void names(Consumer<String> sink) {
        FdTable descriptors = table.get();
        if (descriptors != null) {
            descriptors.numbers().forEach(number -> sink.accept(Integer.toString(number)));
        }
    }

    @Override
    public boolean isRemoved() {
        return false;
    }

    @Override
    public Folder openDirectory(String name, @Nullable BasicFileAttributes seen, long mark) {
        throw (description(name) == null ? Errno.NOENT : Errno.NOTDIR).exception();
    }

    @Override
    public boolean opens(BasicFileAttributes found) {
        return true;
    }

    @Override
    public OpenDescription open(
            String name,
            @Nullable BasicFileAttributes seen,
            long mark,
            OpenMode mode,
            boolean readOnly) {
        OpenDescription description = description(name);
        if (description == null) {
            throw Errno.NOENT.exception();
        }
        if ((mode.rights() & ~description.rights()) != 0
                && description.type() != FileType.DIRECTORY) {
            throw Errno.ACCES.exception();
        }
        if (mode.write() && (description.rights() & Rights.FD_WRITE) == 0) {
            throw Errno.ISDIR.exception();
        }
        return Duplicate.of(number(name));
    }

    // ---- what cannot be changed

    @Override
    public void unlink(String name) {
        throw Errno.ROFS.exception();
    }

    @Override
    public void removeDirectory(String name) {
        throw Errno.ROFS.exception();
    }

    @Override
    public void rename(String name, Folder target, String newName) {
        throw Errno.ROFS.exception();
    }

    @Override
    public void createDirectory(String name) {
        throw Errno.ROFS.exception();
    }

    @Override
    public void createLink(String name, String text) {
        throw Errno.ROFS.exception();
    }

    @Override
    public void link(String name, Folder target, String newName) {
        throw Errno.ROFS.exception();
    }

    @Override
    public void setTimes(String name, @Nullable FileTime access, @Nullable FileTime modification) {
        throw Errno.ROFS.exception();
    }

    @Override
    public void setTimes(@Nullable FileTime access, @Nullable FileTime modification) {
        throw Errno.ROFS.exception();
    }
}
