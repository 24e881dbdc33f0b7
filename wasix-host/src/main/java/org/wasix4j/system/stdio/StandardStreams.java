package org.wasix4j.system.stdio;

import java.io.ByteArrayInputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.fs.HostDescriptor;

/** Makes the descriptions that become descriptors 0, 1 and 2. */
public final class StandardStreams {

    private StandardStreams() {}

    /** This JVM's own standard input; nothing is read before the guest reads or polls. */
    public static OpenDescription hostInput() {
        return new StandardInput(InputPump.host(), StreamKind.ofHost(0));
    }

    /** This JVM's own standard output, not what {@code System.setOut} put before it. */
    public static OpenDescription hostOutput() {
        return hostOutput(FileDescriptor.out, 1);
    }

    /** This JVM's own standard error. */
    public static OpenDescription hostError() {
        return hostOutput(FileDescriptor.err, 2);
    }

    private static OpenDescription hostOutput(FileDescriptor descriptor, int number) {
        StreamKind kind = StreamKind.ofHost(number);
        return new StandardOutput(
                new FileOutputStream(descriptor),
                kind,
                kind == StreamKind.FILE ? HostDescriptor.of(number) : null);
    }

    /**
     * An embedder's stream to read from; it stays open when the guest closes its descriptor. No
     * more is read of it than the guest asks for, and one byte when the guest polls.
     */
    public static OpenDescription input(InputStream stream) {
        return new StandardInput(new InputPump(stream), StreamKind.PIPE);
    }

    /** Bytes to read, then the end. */
    public static OpenDescription input(byte[] bytes) {
        InputStream stream = new ByteArrayInputStream(bytes);
        return new StandardInput(new InputPump(stream, InputKind.BYTES), StreamKind.PIPE);
    }

    /** An embedder's stream to write to; it stays open when the guest closes its descriptor. */
    public static OpenDescription output(OutputStream stream) {
        return new StandardOutput(stream, StreamKind.PIPE);
    }

    /** At its end from the start, as {@code </dev/null}. */
    public static OpenDescription nullInput() {
        return new StandardInput(
                new InputPump(InputStream.nullInputStream(), InputKind.BYTES), StreamKind.DEVICE);
    }

    /** Takes everything, as {@code >/dev/null}. */
    public static OpenDescription nullOutput() {
        return new StandardOutput(OutputStream.nullOutputStream(), StreamKind.DEVICE);
    }

    /** A number in use that answers {@code badf}, so that nothing else gets it. */
    public static OpenDescription closed() {
        return new StandardOutput(OutputStream.nullOutputStream(), StreamKind.CLOSED);
    }
}
