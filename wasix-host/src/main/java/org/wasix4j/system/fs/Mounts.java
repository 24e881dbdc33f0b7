package org.wasix4j.system.fs;

/** The directories that were granted, and the working directory. */
public final class Mounts {

    /** No directory at all. */
    public static Mounts none() {
        return new Mounts();
    }
}
