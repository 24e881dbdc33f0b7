package org.wasix4j.trace;

/** How a trace is written. */
public enum TraceFormat {
    /** As strace writes: {@code [1] sock_bind(3, 127.0.0.1:80) = success <0.000041>}. */
    TEXT,
    /** One JSON object a line: {@code tid}, {@code call}, {@code args}, {@code result}, ... */
    JSON
}
