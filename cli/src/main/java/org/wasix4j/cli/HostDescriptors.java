package org.wasix4j.cli;

import java.io.FileInputStream;
import java.io.IOException;

/** Whether something failed because this process may open no more files. */
final class HostDescriptors {

    /** What to say then. */
    static final String NONE_LEFT = "the host has no descriptors left (ulimit -n)";

    private static final String TOO_MANY = "Too many open files";

    private HostDescriptors() {}

    /** Whether a file, or what the JVM's own classes need, could not be opened for want of one. */
    static boolean lackedBy(Throwable thrown) {
        for (Throwable e = thrown; e != null; e = e.getCause()) {
            if (e instanceof IOException && String.valueOf(e.getMessage()).contains(TOO_MANY)) {
                return true;
            }
        }
        if (!(thrown instanceof LinkageError)) {
            return false;
        }
        // the JVM does not say why it could not load a class or a library
        try (FileInputStream any = new FileInputStream("/dev/null")) {
            return false;
        } catch (IOException e) {
            return String.valueOf(e.getMessage()).contains(TOO_MANY);
        }
    }
}
