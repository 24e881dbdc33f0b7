package org.wasix4j.runtime.internal;

import java.io.InputStream;
import java.io.OutputStream;

/** Stand in a {@link LaunchPlan} for the JVM's own standard streams. */
public final class InheritedStreams {

    public static final InputStream INPUT = InputStream.nullInputStream();
    public static final OutputStream OUTPUT = OutputStream.nullOutputStream();
    public static final OutputStream ERROR = OutputStream.nullOutputStream();

    private InheritedStreams() {}
}
