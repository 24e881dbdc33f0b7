package org.wasix4j.cli.packages;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Holds what is in a package against the hashes that it names. */
final class Checksums {

    private Checksums() {}

    /**
     * Checks a file.
     *
     * @throws PackageException when its bytes are others than those that were packed
     */
    static void verify(String name, PackageTree.File file) throws PackageException {
        if (file.sha256() == null) {
            return;
        }
        MessageDigest digest = sha256();
        digest.update(file.content().duplicate());
        if (!MessageDigest.isEqual(digest.digest(), file.sha256())) {
            throw new PackageException(
                    "damaged: the checksum of " + Names.shown(name) + " is wrong");
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JVM has SHA-256", e);
        }
    }
}
