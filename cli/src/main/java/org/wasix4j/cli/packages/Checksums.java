package org.wasix4j.cli.packages;

import java.nio.ByteBuffer;
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
        verify(Names.shown(name), file.sha256(), file.content());
    }

    /**
     * Checks bytes, which may be in parts.
     *
     * @param what what they are, for the message
     * @throws PackageException when they are others than those that were packed
     */
    static void verify(String what, byte[] sha256, ByteBuffer... parts) throws PackageException {
        MessageDigest digest = sha256();
        for (ByteBuffer part : parts) {
            digest.update(part.duplicate());
        }
        if (!MessageDigest.isEqual(digest.digest(), sha256)) {
            throw new PackageException("damaged: the checksum of " + what + " is wrong");
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
