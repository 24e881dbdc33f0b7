package org.wasix4j.cli;

import java.io.FileInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Whether something failed because this process may open no more files. */
final class HostDescriptors {

    /** What to say then. */
    static final String NONE_LEFT = "the host has no descriptors left (ulimit -n)";

    private static final String TOO_MANY = "Too many open files";

    private HostDescriptors() {}

    /**
     * What the JVM opens at once to load a class or a library; what it had open is closed again.
     */
    private static final int FEW = 8;

    /** Whether a file, or what the JVM's own classes need, could not be opened for want of one. */
    static boolean lackedBy(Throwable thrown) {
        boolean unlinked = false;
        for (Throwable e = thrown; e != null; e = e.getCause()) {
            if (e instanceof IOException && isTooMany(e)) {
                return true;
            }
            unlinked |= e instanceof LinkageError;
        }
        // the JVM does not say why it could not load a class or a library
        return unlinked && areFewLeft();
    }

    private static boolean areFewLeft() {
        List<FileInputStream> opened = new ArrayList<>();
        try {
            while (opened.size() < FEW) {
                opened.add(new FileInputStream("/dev/null"));
            }
            return false;
        } catch (IOException e) {
            return isTooMany(e);
        } finally {
            for (FileInputStream each : opened) {
                close(each);
            }
        }
    }

    private static void close(FileInputStream stream) {
        try {
            stream.close();
        } catch (IOException e) {
            // nothing was written to it
        }
    }

    private static boolean isTooMany(Throwable e) {
        return String.valueOf(e.getMessage()).contains(TOO_MANY);
    }
}
