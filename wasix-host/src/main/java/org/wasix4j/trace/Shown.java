package org.wasix4j.trace;

import java.util.List;

/** The value of an argument, ready to be written. */
sealed interface Shown {

    /** A number. */
    @SuppressWarnings("JavaLangClash")
    record Number(long value) implements Shown {}

    /** Yes or no. */
    record Truth(boolean value) implements Shown {}

    /** A word: the name of a constant, flags, an address, a pointer. */
    record Word(String text) implements Shown {}

    /**
     * Bytes, for most of the time text.
     *
     * @param bytes the first of them
     * @param more whether there were more
     */
    record Bytes(byte[] bytes, boolean more) implements Shown {}

    /** What a pointer for an answer points to now, or the elements of an array. */
    record Several(List<Shown> values) implements Shown {}

    /** What a pointer for an answer points to now. */
    static Shown out(Shown value) {
        return new Several(List.of(value));
    }

    /** A pointer as a number, where nothing better can be shown. */
    static Shown pointer(long value) {
        return new Word(value == 0 ? "NULL" : "0x" + Integer.toHexString((int) value));
    }
}
