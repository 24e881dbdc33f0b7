package org.wasix4j.system.net;

import java.util.ArrayDeque;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SocketAddr;

/**
 * The datagrams that a unix socket has received: bounded, with the boundaries kept. It takes a
 * datagram as long as there is any room, so that a socket which is writable takes one of every
 * size.
 *
 * <p>Lock rule: under the monitor only {@link MemoryBudget} is taken; waiters are woken after it.
 */
final class MessageQueue {

    /** The longest datagram. */
    static final int MAX_MESSAGE = 65536;

    private static final int MAX_BYTES = 65536;
    private static final int MAX_MESSAGES = 256;

    /**
     * A datagram.
     *
     * @param sender null for a socket without a name
     */
    record Message(byte[] bytes, @Nullable SocketAddr sender) {}

    /** What becomes of a datagram. */
    enum Offer {
        TAKEN,
        /** There is no room. */
        FULL,
        /** The receiver reads no more. */
        SHUT,
        /** The receiver is closed. */
        GONE
    }

    /** What a datagram takes beside its bytes. */
    private static final int COST = 64;

    private final MemoryBudget budget;
    private final ArrayDeque<Message> messages = new ArrayDeque<>();
    private int bytes;
    private boolean ended;
    private boolean abandoned;

    /** A queue with nothing in it, whose datagrams are taken from the receiver's memory. */
    MessageQueue(MemoryBudget budget) {
        this.budget = budget;
    }

    /**
     * Takes a datagram in, when it can.
     *
     * @throws org.wasix4j.types.ErrnoException nobufs when the receiver has too little memory left
     */
    synchronized Offer offer(Message message) {
        if (ended) {
            return abandoned ? Offer.GONE : Offer.SHUT;
        }
        if (!hasRoom()) {
            return Offer.FULL;
        }
        budget.takeHeap(COST + message.bytes().length, Errno.NOBUFS);
        messages.add(message);
        bytes += message.bytes().length;
        return Offer.TAKEN;
    }

    /** The first datagram, or null; with {@code peek} it stays. */
    synchronized Message take(boolean peek) {
        Message first = peek ? messages.peek() : messages.poll();
        if (first != null && !peek) {
            bytes -= first.bytes().length;
            budget.giveBackHeap(COST + first.bytes().length);
        }
        return first;
    }

    /** Whether a sender need not wait: there is room, or an error to report. */
    synchronized boolean hasRoom() {
        return ended || bytes < MAX_BYTES && messages.size() < MAX_MESSAGES;
    }

    synchronized boolean isEmpty() {
        return messages.isEmpty();
    }

    /** Length of the first datagram, or 0. */
    synchronized int firstLength() {
        Message first = messages.peek();
        return first == null ? 0 : first.bytes().length;
    }

    synchronized boolean hasEnded() {
        return ended;
    }

    /** Nothing more is taken in; what is there can still be taken out. */
    synchronized void end() {
        ended = true;
    }

    /** As {@link #end}; and nothing will be taken out. */
    synchronized void abandon() {
        ended = true;
        abandoned = true;
        clear();
    }

    /** Throws away what is there; whether there was anything. */
    synchronized boolean clear() {
        boolean any = !messages.isEmpty();
        budget.giveBackHeap((long) COST * messages.size() + bytes);
        messages.clear();
        bytes = 0;
        return any;
    }
}
