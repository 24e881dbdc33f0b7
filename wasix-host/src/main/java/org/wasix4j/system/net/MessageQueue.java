package org.wasix4j.system.net;

import java.util.ArrayDeque;

/**
 * One direction of an in-memory connection of datagrams: bounded, with the boundaries kept. It
 * takes a datagram as long as there is any room, so that a socket which is writable takes one of
 * every size.
 */
final class MessageQueue {

    /** The longest datagram. */
    static final int MAX_MESSAGE = 65536;

    private static final int MAX_BYTES = 65536;
    private static final int MAX_MESSAGES = 256;

    private final ArrayDeque<byte[]> messages = new ArrayDeque<>();
    private int bytes;
    private boolean ended;
    private boolean abandoned;

    /** Takes a datagram in; false when there is no room. */
    synchronized boolean offer(byte[] message) {
        if (!ended && !hasRoom()) {
            return false;
        }
        if (!ended) {
            messages.add(message);
            bytes += message.length;
        }
        return true;
    }

    /** The first datagram, or null; with {@code peek} it stays. */
    synchronized byte[] take(boolean peek) {
        byte[] first = peek ? messages.peek() : messages.poll();
        if (first != null && !peek) {
            bytes -= first.length;
        }
        return first;
    }

    synchronized boolean hasRoom() {
        return ended || bytes < MAX_BYTES && messages.size() < MAX_MESSAGES;
    }

    synchronized boolean isEmpty() {
        return messages.isEmpty();
    }

    /** Length of the first datagram, or 0. */
    synchronized int firstLength() {
        byte[] first = messages.peek();
        return first == null ? 0 : first.length;
    }

    synchronized boolean hasEnded() {
        return ended;
    }

    /** Whether the receiver is gone. */
    synchronized boolean isAbandoned() {
        return abandoned;
    }

    /** Nothing more is taken in; what is there can still be taken out. */
    synchronized void end() {
        ended = true;
    }

    /** As {@link #end}; and nobody will take anything out. */
    synchronized void abandon() {
        ended = true;
        abandoned = true;
        messages.clear();
        bytes = 0;
    }
}
