package org.wasix4j.hostile;

import java.util.Set;
import java.util.TreeSet;
import org.wasix4j.types.Errno;

/** What hostile guests did and heard. */
final class Tally {

    private final int[] errnos = new int[Errno.values().length];
    private final Set<String> called = new TreeSet<>();

    /** What the host said where a guest heard {@code io}, which should be known better. */
    private final Set<String> unknown = new TreeSet<>();

    private int calls;
    private int attempts;
    private int denials;

    void called(String function) {
        calls++;
        called.add(function);
    }

    void answered(int errno) {
        errnos[errno]++;
    }

    void unknown(String error) {
        unknown.add(error);
    }

    /** A call named what is not granted. */
    void attempted() {
        attempts++;
    }

    /** The policy said no, so many times. */
    void denied(int times) {
        denials += times;
    }

    int calls() {
        return calls;
    }

    Set<String> functions() {
        return called;
    }

    synchronized void add(Tally other) {
        calls += other.calls;
        attempts += other.attempts;
        denials += other.denials;
        called.addAll(other.called);
        unknown.addAll(other.unknown);
        for (int i = 0; i < errnos.length; i++) {
            errnos[i] += other.errnos[i];
        }
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append(calls).append(" calls of ").append(called.size()).append(" functions, ");
        text.append(attempts).append(" attempts to leave the grants, ");
        text.append(denials).append(" denied by policy;");
        for (Errno errno : Errno.values()) {
            if (errnos[errno.code()] > 0) {
                text.append(' ').append(errno.wasiName()).append('=');
                text.append(errnos[errno.code()]);
            }
        }
        unknown.forEach(each -> text.append("\n  answered io: ").append(each));
        return text.toString();
    }
}
