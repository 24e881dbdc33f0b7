package org.wasix4j.trace;

import org.wasix4j.types.Nullable;
import org.wasix4j.types.SocketAddr;

/**
 * The guest's memory, for printing arguments. The host, which knows the layouts, implements it.
 * Every method throws {@link org.wasix4j.types.ErrnoException} for what cannot be read.
 */
public interface MemoryReader {

    /**
     * Bytes as they are.
     *
     * @param address an address in guest memory
     * @param length how many bytes
     * @return a copy of the bytes
     */
    byte[] bytes(int address, int length);

    /**
     * An address record; null for the tag unspecified.
     *
     * @param address an address in guest memory
     * @return the address, or null for the tag unspecified
     */
    @Nullable
    SocketAddr address(int address);

    /**
     * {@return an optional time in nanoseconds; negative for none}
     *
     * @param address an address in guest memory
     */
    long optionalTime(int address);

    /**
     * {@return how many bytes the buffers of an iovec array have}
     *
     * @param iovecs the address of the array
     * @param count how many elements the array has
     */
    long capacity(int iovecs, int count);

    /**
     * {@return the first bytes of the buffers of an iovec array}
     *
     * @param iovecs the address of the array
     * @param count how many elements the array has
     * @param limit how many bytes at most
     */
    byte[] gather(int iovecs, int count, int limit);

    /**
     * A record of an array in words: an address, a file's status, an event.
     *
     * @param type as the ABI calls it
     * @param array the address of the array
     * @param index the position, from 0
     * @return null for a type that is not put into words
     */
    @Nullable
    String record(String type, int array, int index);

    /**
     * {@return a subscription of an array for {@code poll_oneoff}}
     *
     * @param array the address of the array
     * @param index the position, from 0
     */
    Subscription subscription(int array, int index);

    /**
     * {@return an event that {@code poll_oneoff} wrote into an array}
     *
     * @param array the address of the array
     * @param index the position, from 0
     */
    Event event(int array, int index);

    /**
     * What is waited for.
     *
     * @param type 0 clock, 1 read, 2 write
     * @param descriptor for read and write
     * @param clock for a clock
     * @param timeout for a clock, in nanoseconds
     * @param absolute whether the timeout is a time of the clock
     */
    record Subscription(int type, int descriptor, int clock, long timeout, boolean absolute) {}

    /**
     * What came.
     *
     * @param userData the guest's mark
     * @param type as in a subscription
     * @param error an errno's number
     * @param bytes that can be read or written
     */
    record Event(long userData, int type, int error, long bytes) {}
}
