package org.wasix4j.cli.packages;

/**
 * What a package may claim. Files that overlap could claim any size, and folders any number, by a
 * small file: together the files have no more bytes than the package, and the entries are bounded.
 */
final class FileBudget {

    private static final int MOST_ENTRIES = 1_000_000;

    private final long total;
    private long left;
    private int entries;

    FileBudget(long bytes) {
        total = bytes;
        left = bytes;
    }

    /** Counts an entry of a folder. */
    void entry() throws PackageException {
        if (++entries > MOST_ENTRIES) {
            throw new PackageException("damaged: more than " + MOST_ENTRIES + " files and folders");
        }
    }

    /** Counts the bytes of a file. */
    void file(long size) throws PackageException {
        left -= size;
        if (left < 0) {
            throw new PackageException(
                    "damaged: its files claim more than the " + total + " bytes that it has");
        }
    }
}
