package org.wasix4j.cli.packages;

import java.nio.ByteBuffer;
import java.util.TreeMap;
import org.wasix4j.types.Nullable;

/** What a package holds under a name: a folder, a file or a symbolic link. */
sealed interface PackageTree {

    /** The longest chain of folders inside each other. */
    int MAX_DEPTH = 128;

    /**
     * A folder.
     *
     * @param entries what is in it, by its name
     */
    record Folder(TreeMap<String, PackageTree> entries) implements PackageTree {

        Folder() {
            this(new TreeMap<>());
        }

        /**
         * Puts something into it.
         *
         * @throws PackageException when the name is none, or is there already
         */
        void put(String name, PackageTree entry) throws PackageException {
            if (name.isEmpty()
                    || name.equals(".")
                    || name.equals("..")
                    || name.indexOf('/') >= 0
                    || name.indexOf('\0') >= 0) {
                throw new PackageException("the name " + Names.shown(name) + " is not allowed");
            }
            if (entries.put(name, entry) != null) {
                throw new PackageException("the name " + Names.shown(name) + " is there twice");
            }
        }

        /** What is at a path such as {@code /usr/lib}, or null. */
        @Nullable
        PackageTree find(String path) {
            PackageTree at = this;
            for (String name : path.split("/")) {
                if (!name.isEmpty() && !name.equals(".")) {
                    at = at instanceof Folder folder ? folder.entries.get(name) : null;
                }
            }
            return at;
        }
    }

    /**
     * A file.
     *
     * @param content its bytes, a view of the package
     * @param sha256 what they must hash to, or null when the package does not say
     */
    record File(ByteBuffer content, @Nullable byte[] sha256) implements PackageTree {}

    /**
     * A symbolic link.
     *
     * @param target where it leads, relative to its folder
     */
    record Link(String target) implements PackageTree {}
}
