package org.wasix4j.cli.packages;

import java.io.IOException;

/**
 * A package is damaged, or requires something that is not available; the message is for the
 * operator.
 */
public final class PackageException extends IOException {

    private static final long serialVersionUID = 1;

    PackageException(String message) {
        super(message);
    }

    PackageException(String message, Throwable cause) {
        super(message, cause);
    }
}
