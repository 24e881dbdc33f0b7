package org.wasix4j.cli;

import java.io.PrintStream;
import java.util.function.IntConsumer;

/** A line on a terminal that tells how far the compilation of a module is, when it takes long. */
final class CompileProgress implements IntConsumer {

    /** The delay before the first message, in nanoseconds. */
    private static final long PATIENCE = 1_000_000_000;

    private final long began = System.nanoTime();
    private final String module;
    private final PrintStream terminal;
    private int percent = -1;
    private boolean ended;

    CompileProgress(String module, PrintStream terminal) {
        this.module = module;
        this.terminal = terminal;
    }

    @Override
    public synchronized void accept(int now) {
        if (!ended && now > percent && System.nanoTime() - began >= PATIENCE) {
            percent = now;
            terminal.print("\rcompiling " + module + " " + percent + "%");
            terminal.flush();
        }
    }

    /** Takes the line away. */
    synchronized void end() {
        ended = true;
        if (percent >= 0) {
            terminal.print("\r\033[K");
            terminal.flush();
        }
    }
}
