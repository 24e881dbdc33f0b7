package org.wasix4j.cli.packages;

import java.io.IOException;

/** A package is damaged, or asks for what there is not; the message is for the human. */
public final class PackageException extends IOException {

    private static final long serialVersionUID = 1;

    PackageException(String message) {
        super(message);
    }

    PackageException(String message, Throwable cause) {
        super(message, cause);
    }
}
