package org.wasix4j.cli;

import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import org.wasix4j.runtime.WasixRuntime;
import org.wasix4j.types.Nullable;

/**
 * The standard streams of a run.
 *
 * @param in what the guest reads, or null when it gets the JVM's own three streams
 */
record Streams(@Nullable InputStream in, OutputStream out, OutputStream err) {

    /** Those of this JVM. */
    static Streams own() {
        return new Streams(null, System.out, System.err);
    }

    boolean areOwn() {
        return in == null;
    }

    InputStream input() {
        return in == null ? System.in : in;
    }

    /** Writes a text and a line end, if it has none. */
    void print(String text) {
        PrintStream stream = new PrintStream(out, true);
        stream.print(text.endsWith("\n") ? text : text + System.lineSeparator());
        stream.flush();
    }

    /** How to write to a standard stream; this JVM's own ones are asked what they are. */
    Paint paint(Options options, int stream) {
        return Paint.of(options.color, System.getenv(), areOwn() ? stream : -1);
    }

    void giveTo(WasixRuntime.Builder builder) {
        if (in == null) {
            builder.inheritIO();
        } else {
            builder.withStdin(in).withStdout(out).withStderr(err);
        }
    }
}
