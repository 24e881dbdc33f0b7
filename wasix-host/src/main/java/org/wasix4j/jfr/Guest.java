package org.wasix4j.jfr;

/**
 * Whose event it is.
 *
 * @param id a number that no other guest of this JVM has; the guest knows itself by another one
 * @param pid the number that the guest sees as its own, often 1
 * @param program the first word of its command line
 */
public record Guest(long id, int pid, String program) {

    /** Another process of the same guest. */
    public Guest process(int number, String name) {
        return new Guest(id, number, name);
    }
}
