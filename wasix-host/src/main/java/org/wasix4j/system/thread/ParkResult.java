package org.wasix4j.system.thread;

/** How a wait of a guest thread ended. */
public enum ParkResult {
    /** Something that was waited for may have happened: look again. */
    READY,
    /** The deadline has passed. */
    TIMEOUT,
    /** A guest signal is to be delivered: the call answers {@code intr}. */
    SIGNAL,
    /** The descriptor was closed: the call answers {@code badf}. */
    CLOSED,
    /** The process, or this thread, ends: the call unwinds. */
    ENDING
}
