package org.wasix4j.host;

import java.util.ArrayList;
import java.util.List;
import org.wasix4j.types.Errno;

/** A {@code poll_oneoff} as a test wants to write it. */
final class Polling {

    /** An event as the guest finds it. */
    record Event(long userData, Errno error, int type, long bytes, int flags) {
        boolean hangup() {
            return flags == 1;
        }
    }

    private final HostHarness guest;
    private final boolean snapshot0;
    private final List<long[]> subscriptions = new ArrayList<>();

    private Polling(HostHarness guest, boolean snapshot0) {
        this.guest = guest;
        this.snapshot0 = snapshot0;
    }

    static Polling of(HostHarness guest) {
        return new Polling(guest, false);
    }

    static Polling snapshot0(HostHarness guest) {
        return new Polling(guest, true);
    }

    /** User data is the subscription's index. */
    Polling read(int fd) {
        return add(1, fd, 0, 0);
    }

    Polling write(int fd) {
        return add(2, fd, 0, 0);
    }

    Polling timeout(long nanos) {
        return clock(1, nanos, 0);
    }

    Polling clock(int id, long nanos, int flags) {
        return add(0, id, nanos, flags);
    }

    Polling add(int tag, int fdOrClock, long timeout, int flags) {
        subscriptions.add(new long[] {tag, fdOrClock, timeout, flags});
        return this;
    }

    private int size() {
        return snapshot0 ? 56 : 48;
    }

    /** Where the subscriptions are in fresh guest memory. */
    int encode() {
        int address = guest.alloc(Math.max(1, subscriptions.size() * size()));
        for (int i = 0; i < subscriptions.size(); i++) {
            long[] s = subscriptions.get(i);
            int at = address + i * size();
            guest.i64(at, i).i32(at + 8, 0xEEEEEE00 | (int) s[0]);
            int clock = snapshot0 && s[0] == 0 ? at + 24 : at + 16;
            guest.i32(clock, (int) s[1]);
            guest.i64(clock + 8, s[2]).i64(clock + 16, 0).i32(clock + 24, (int) s[3]);
        }
        return address;
    }

    int count() {
        return subscriptions.size();
    }

    /** Calls and demands success. */
    List<Event> poll() {
        int out = guest.alloc(count() * 32);
        int found = guest.get("poll_oneoff", encode(), out, count());
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < found; i++) {
            int at = out + i * 32;
            events.add(
                    new Event(
                            guest.i64(at),
                            Errno.of(guest.u16(at + 8)),
                            guest.u8(at + 10),
                            guest.i64(at + 16),
                            guest.u16(at + 24)));
        }
        return events;
    }

    /** The user data of the events of a poll that does not wait. */
    List<Long> now() {
        int mine = count();
        return timeout(0).poll().stream()
                .map(Event::userData)
                .filter(index -> index != mine)
                .toList();
    }

    /** Calls and demands an error. */
    Errno fail() {
        return guest.call(
                "poll_oneoff", encode(), guest.alloc(32 + count() * 32), count(), guest.alloc(4));
    }
}
