package org.wasix4j.runtime.internal;

import java.io.IOException;
import java.util.Arrays;
import java.util.zip.CRC32;

/**
 * Reads an entry of the cache as a whole: is it damaged, and is its module the one that is loaded?
 * It is done on a thread of its own beside the load. At a start there is no machine code for it
 * yet, and it takes as long as parsing.
 */
final class EntryComparison implements Runnable {

    /** What is read at once; from 128 KB on the C library would map memory for each read. */
    private static final int READ = 64 << 10;

    /**
     * What is compared at once. The pieces are small because at a start there is no machine code
     * for it: a method that is called often gets some sooner than one loop.
     */
    private static final int PIECE = 256;

    private final ModuleImage.Entry entry;
    private final byte[] wasm;
    private final Thread thread = new Thread(null, this, "wasix4j-compare");

    private boolean same;

    private EntryComparison(ModuleImage.Entry entry, byte[] wasm) {
        this.entry = entry;
        this.wasm = wasm;
    }

    /** Begins it. */
    static EntryComparison begin(ModuleImage.Entry entry, byte[] wasm) {
        EntryComparison begun = new EntryComparison(entry, wasm);
        begun.thread.setDaemon(true);
        try {
            begun.thread.start();
        } catch (OutOfMemoryError e) {
            // the host has no thread for it
            begun.run();
        }
        return begun;
    }

    @Override
    public void run() {
        same = isOf(entry, wasm);
    }

    /** The answer, as soon as it is known. */
    boolean result() {
        try {
            thread.join();
            return same;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return isOf(entry, wasm);
        }
    }

    /** Whether an entry is that of a module, and not damaged. */
    static boolean isOf(ModuleImage.Entry entry, byte[] wasm) {
        if (entry.binaryLength() != wasm.length) {
            return false;
        }
        EntryBytes bytes = entry.bytes();
        // against damage; CRC-32 because the JVM has it in machine code from its first moment
        CRC32 crc = new CRC32();
        byte[] read = new byte[Math.min(READ, bytes.size())];
        try {
            for (int at = ModuleImage.HEADER; at < bytes.size(); at += READ) {
                int length = Math.min(READ, bytes.size() - at);
                bytes.read(at, read, 0, length);
                crc.update(read, 0, length);
                if (!isPart(read, at - entry.binaryAt(), length, wasm)) {
                    return false;
                }
            }
        } catch (IOException e) {
            return false;
        }
        return (int) crc.getValue() == entry.checksum();
    }

    /**
     * Whether what was read is what the module has there, as far as it has anything there.
     *
     * @param place where the first byte of what was read is in the module; behind its end or in
     *     front of it when there is something else in the entry
     */
    private static boolean isPart(byte[] read, int place, int length, byte[] wasm) {
        int last = (int) Math.min(length, (long) wasm.length - place);
        for (int from = Math.max(0, -place); from < last; from += PIECE) {
            int to = Math.min(from + PIECE, last);
            if (!Arrays.equals(read, from, to, wasm, place + from, place + to)) {
                return false;
            }
        }
        return true;
    }
}
