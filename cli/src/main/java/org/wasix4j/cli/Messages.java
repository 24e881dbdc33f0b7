package org.wasix4j.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.HashSet;
import java.util.Set;
import org.wasix4j.policy.Decision;
import org.wasix4j.runtime.ProcessListener;
import org.wasix4j.types.Printable;

/**
 * The command's own lines on standard error, each of which begins with its name. What a guest can
 * cause is bounded in number.
 */
final class Messages implements ProcessListener {

    private static final int MOST_DENIALS = 10;

    private final PrintStream err;
    private boolean verbose;
    private boolean quiet;
    private Paint paint = Paint.PLAIN;
    private final Set<String> denials = new HashSet<>();

    Messages(PrintStream err) {
        this.err = err;
    }

    /** What the options say; {@code paint} is for standard error. */
    void configure(Options options, Paint colours) {
        paint = colours;
        verbose = options.verbose;
        quiet = options.quiet;
    }

    /** Why the run failed: always said. */
    void error(String sentence) {
        say(paint.red("wasix-run:"), sentence);
    }

    private void say(String prefix, String sentence) {
        err.println(prefix + " " + Printable.line(sentence));
        err.flush();
    }

    private void remark(String sentence) {
        say(paint.yellow("wasix-run:"), sentence);
    }

    /** Lines that belong to the sentence before them. */
    void lines(String text) {
        text.lines().forEach(line -> err.println("  " + Printable.line(line.replace("\t", "  "))));
        err.flush();
    }

    /** A line of the trace, as it is. */
    void trace(String line) {
        err.println(line);
    }

    /** Why the run failed, with what was thrown when more is wanted. */
    void error(String sentence, Throwable cause) {
        error(sentence);
        if (verbose && cause != null) {
            StringWriter trace = new StringWriter();
            cause.printStackTrace(new PrintWriter(trace));
            // indented and escaped: a message in it can be a module's or a guest's
            lines(trace.toString());
        }
    }

    /** What only matters to whom wants to know more. */
    void detail(String sentence) {
        if (verbose) {
            remark(sentence);
        }
    }

    @Override
    public void notice(String sentence) {
        if (!quiet) {
            remark(sentence);
        }
    }

    @Override
    public synchronized void denied(Decision decision) {
        String line = decision.toString();
        if (quiet || denials.size() > MOST_DENIALS || !denials.add(line)) {
            return;
        }
        remark(denials.size() > MOST_DENIALS ? "further refusals are not shown" : line);
    }

    @Override
    public void hostError(String operation, Throwable error) {
        detail(operation + ": " + error);
    }
}
