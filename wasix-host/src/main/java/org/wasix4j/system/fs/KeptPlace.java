package org.wasix4j.system.fs;

import java.nio.file.Path;

/**
 * A folder of the host in which no guest may write, whatever was granted. Which folder it is is
 * decided by device and inode: another path to it, a bind mount say, is no way in.
 *
 * @param folder where it is; one that is not there keeps no guest out
 * @param what what is there, as the subject of a sentence for the human
 * @param extent how far it reaches
 */
public record KeptPlace(Path folder, String what, Extent extent) {

    /** What of a folder is kept. */
    public enum Extent {
        /**
         * The folder with everything in it. A grant of it, or of something in it, is refused; in
         * one that contains it the guest finds the name and cannot enter.
         */
        TREE,
        /**
         * The folder, but not the folders in it. A grant of it is refused, in one that contains it
         * the guest cannot enter; a folder in it can be granted.
         */
        FOLDER,
        /** A file in the folder: a grant that leads to it is refused. */
        FILE
    }
}
