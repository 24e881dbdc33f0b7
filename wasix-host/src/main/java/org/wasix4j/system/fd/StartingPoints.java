package org.wasix4j.system.fd;

import java.util.function.IntFunction;
import org.wasix4j.types.FileType;
import org.wasix4j.types.Nullable;

/**
 * Directories that paths can start from at certain numbers, whatever those numbers stand for.
 *
 * <p>The C library of a guest opens every absolute path at the number of a granted directory. Its
 * program does not know of that, and takes the number for itself, as a shell does with {@code exec
 * 3>file}.
 */
final class StartingPoints {

    static final StartingPoints NONE = new StartingPoints(new OpenDescription[0]);

    private final OpenDescription[] byNumber;

    private StartingPoints(OpenDescription[] byNumber) {
        this.byNumber = byNumber;
    }

    /**
     * The directories that are open now.
     *
     * @param count how many numbers there are to look at
     * @param table answers the description of a number, or null
     */
    static StartingPoints of(int count, IntFunction<OpenDescription> table) {
        OpenDescription[] kept = new OpenDescription[count];
        for (int fd = 0; fd < count; fd++) {
            OpenDescription description = table.apply(fd);
            if (description != null && description.type() == FileType.DIRECTORY) {
                description.retain();
                kept[fd] = description;
            }
        }
        return new StartingPoints(kept);
    }

    /** The same for another table, which releases them on its own. */
    StartingPoints retain() {
        for (OpenDescription directory : byNumber) {
            if (directory != null) {
                directory.retain();
            }
        }
        return this;
    }

    /** A number that is larger than all at which there is one. */
    int count() {
        return byNumber.length;
    }

    /** The directory at a number, or null. */
    @Nullable
    OpenDescription at(int fd) {
        return fd >= 0 && fd < byNumber.length ? byNumber[fd] : null;
    }

    /** Closes those that nothing else refers to. */
    void close() {
        for (OpenDescription directory : byNumber) {
            if (directory != null && directory.release()) {
                directory.close();
            }
        }
    }
}
