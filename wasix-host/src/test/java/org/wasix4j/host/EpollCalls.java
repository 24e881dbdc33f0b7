package org.wasix4j.host;

import java.util.ArrayList;
import java.util.List;
import org.wasix4j.types.Errno;

/** One epoll set of a guest as a test wants to use it. */
final class EpollCalls {

    /** An event: the data are what {@link #add} put there. */
    record Event(int events, long data) {}

    static final long FOREVER = -1;

    final int fd;
    private final HostHarness guest;

    EpollCalls(HostHarness guest) {
        this.guest = guest;
        this.fd = guest.get("epoll_create");
    }

    /** Adds; the data are the descriptor's number three times, in parts that tell them apart. */
    void add(int descriptor, int events) {
        guest.ok("epoll_ctl", fd, 0, descriptor, event(events, descriptor));
    }

    void modify(int descriptor, int events) {
        guest.ok("epoll_ctl", fd, 3, descriptor, event(events, descriptor));
    }

    void remove(int descriptor) {
        guest.ok("epoll_ctl", fd, 2, descriptor, 0);
    }

    Errno control(int op, int descriptor, int events) {
        return guest.call("epoll_ctl", fd, op, descriptor, event(events, descriptor));
    }

    int event(int events, long data) {
        int address = guest.alloc(32);
        guest.i32(address, events).i32(address + 4, 0xEEEEEEEE);
        guest.i64(address + 8, data).i64(address + 16, ~data).i64(address + 24, data << 32);
        return address;
    }

    List<Event> await(long nanos) {
        return await(nanos, 64);
    }

    List<Event> await(long nanos, int max) {
        int out = guest.alloc(max * 32);
        int count = guest.get("epoll_wait", fd, out, max, nanos);
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int at = out + i * 32;
            long data = guest.i64(at + 8);
            if (guest.i64(at + 16) != ~data || guest.i64(at + 24) != data << 32) {
                throw new AssertionError("the guest's data have changed");
            }
            events.add(new Event(guest.i32(at), data));
        }
        return events;
    }

    /** What is ready now. */
    List<Event> now() {
        return await(0);
    }

    Errno fail(long nanos) {
        return guest.call("epoll_wait", fd, guest.alloc(32), 1, nanos, guest.alloc(4));
    }
}
