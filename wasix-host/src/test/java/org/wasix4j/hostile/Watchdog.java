package org.wasix4j.hostile;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Interrupts the calls of hostile guests that wait too long, by signals of the guest. */
final class Watchdog implements AutoCloseable {

    private final List<HostileGuest> guests = new CopyOnWriteArrayList<>();
    private final Thread thread = new Thread(this::watch, "watchdog");
    private volatile boolean closed;

    Watchdog() {
        thread.setDaemon(true);
        thread.start();
    }

    private void watch() {
        while (!closed) {
            guests.forEach(HostileGuest::watch);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(4));
        }
    }

    void add(HostileGuest guest) {
        guests.add(guest);
    }

    void remove(HostileGuest guest) {
        guests.remove(guest);
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
