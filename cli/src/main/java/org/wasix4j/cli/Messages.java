package org.wasix4j.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.BindException;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.wasix4j.policy.Decision;
import org.wasix4j.runtime.ProcessListener;
import org.wasix4j.trace.TraceFormat;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.Printable;
import org.wasix4j.types.SocketAddr;

/**
 * The command's own lines on standard error, each of which begins with its name. What a guest can
 * cause is bounded in number.
 */
final class Messages implements ProcessListener {

    private static final int MOST_DENIALS = 10;

    private final PrintStream err;
    private boolean verbose;
    private boolean quiet;
    private boolean json;
    private Paint paint = Paint.PLAIN;
    private final Set<String> denials = new HashSet<>();

    Messages(PrintStream err) {
        this.err = err;
    }

    /** What the options say; {@code paint} is for standard error. */
    void configure(Options options, Paint colours) {
        paint = colours;
        verbose = options.verbose;
        json = options.watch.logFormat == TraceFormat.JSON;
        quiet = options.quiet;
    }

    /** Why the run failed: always said. */
    void error(@Nullable String sentence) {
        say("error", paint.red("wasix-run:"), sentence);
    }

    private void say(String level, String prefix, @Nullable String sentence) {
        String said = sentence == null ? "unknown reason" : sentence;
        if (json) {
            sayJson("\"level\":\"" + level + "\",\"message\":" + quoted(said));
            return;
        }
        err.println(prefix + " " + Printable.line(said));
        err.flush();
    }

    private void sayJson(String fields) {
        err.println("{\"time\":\"" + Instant.now() + "\"," + fields + "}");
        err.flush();
    }

    /** As a string of JSON; control characters are already written as text. */
    private static String quoted(String text) {
        return '"' + Printable.line(text).replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private void remark(String sentence) {
        say("notice", paint.yellow("wasix-run:"), sentence);
    }

    /** A line for a connection. */
    void access(String what, SocketAddr local, SocketAddr peer) {
        if (json) {
            sayJson(
                    "\"level\":\"access\",\"event\":"
                            + quoted(what)
                            + ",\"local\":"
                            + quoted(local.toString())
                            + ",\"peer\":"
                            + quoted(peer.toString()));
        } else {
            remark(Instant.now() + " " + what + " " + local + " peer " + peer);
        }
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
    void error(@Nullable String sentence, @Nullable Throwable cause) {
        error(sentence);
        if (verbose && cause != null) {
            StringWriter trace = new StringWriter();
            cause.printStackTrace(new PrintWriter(trace));
            // indented and escaped: a message in it can be a module's or a guest's
            lines(trace.toString());
        }
    }

    /** Details, which are only shown on request. */
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
    public void denied(Decision decision) {
        once(decision.toString());
    }

    /** A line that a guest can cause: not twice, and not too many. */
    private synchronized void once(String line) {
        if (quiet || denials.size() > MOST_DENIALS || !denials.add(line)) {
            return;
        }
        remark(denials.size() > MOST_DENIALS ? "further denials are not shown" : line);
    }

    @Override
    public void hostError(String operation, Throwable error) {
        if (error instanceof BindException && !operation.startsWith("connect")) {
            // the program says as much as an errno can: what the operator has to do is said here
            once(operation + ": " + Bindings.explain(operation, error.getMessage()));
        } else {
            detail(operation + ": " + error);
        }
    }
}
