package org.wasix4j.runtime.internal;

/**
 * Compares the module of an entry of the cache with the one that is loaded, on a thread of its own
 * beside the load: at a start there is no machine code for it yet, and it takes as long as parsing.
 */
final class EntryComparison implements Runnable {

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
        same = entry.isOf(wasm);
    }

    /** Whether they are the same, as soon as that is known. */
    boolean result() {
        try {
            thread.join();
            return same;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return entry.isOf(wasm);
        }
    }
}
