package org.wasix4j.runtime.internal;

import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.wasix4j.system.thread.Uninterrupted;
import org.wasix4j.types.Nullable;
import sun.misc.Unsafe;

/**
 * Copies one memory to another that is all zeros, for a fork. Pages of nothing but zeros are left
 * alone. Nearly all of the time goes into the page faults of the copy, which several threads can
 * have at once, so the JVM's common pool helps with a large memory. The caller takes pieces like
 * its helpers and never waits for a piece that has not been begun.
 */
final class PageCopy {

    /** Used only for memories that have a raw address, so only where there is one. */
    @SuppressWarnings("NullAway")
    private static final Unsafe UNSAFE = RawAccess.UNSAFE;

    /** What is copied or left alone as a whole: a page of the host's. */
    private static final int PAGE = 4096;

    /** What a thread takes at a time. */
    private static final int PIECE = 1 << 20;

    /** A memory with fewer pieces is copied by its own thread alone. */
    private static final int FEW = 4;

    private static final int MOST_HELPERS = 3;

    private final ByteBuffer from;
    private final ByteBuffer to;

    /** The addresses of the two, or 0 when memory is reached by its buffer only. */
    private final long rawFrom;

    private final long rawTo;
    private final int size;
    private final int pieces;
    private final AtomicInteger next = new AtomicInteger();
    private final CountDownLatch missing;
    private volatile @Nullable Throwable failure;

    private PageCopy(ByteBuffer from, long rawFrom, ByteBuffer to, long rawTo, int size) {
        this.from = from;
        this.to = to;
        this.rawFrom = rawFrom;
        this.rawTo = rawTo;
        this.size = size;
        this.pieces = size / PIECE + (size % PIECE == 0 ? 0 : 1);
        this.missing = new CountDownLatch(pieces);
    }

    /**
     * Copies the beginning of a memory. Threads that write in it meanwhile are seen or not, place
     * by place.
     *
     * @param rawFrom the address of the first byte, or 0 when it is reached by its buffer only
     * @param rawTo the same of the copy
     * @param size a multiple of the page size
     */
    static void copy(ByteBuffer from, long rawFrom, ByteBuffer to, long rawTo, int size) {
        PageCopy copy = new PageCopy(from, rawFrom, to, rawTo, size);
        copy.callHelpers();
        copy.work();
        copy.awaitHelpers();
    }

    private void callHelpers() {
        int processors = Runtime.getRuntime().availableProcessors();
        int helpers = pieces < FEW ? 0 : Math.min(processors - 1, MOST_HELPERS);
        for (int i = 0; i < helpers; i++) {
            try {
                ForkJoinPool.commonPool().execute(this::work);
            } catch (RejectedExecutionException | OutOfMemoryError e) {
                // then without help
                return;
            }
        }
    }

    private void work() {
        for (int i = next.getAndIncrement(); i < pieces; i = next.getAndIncrement()) {
            try {
                int start = i * PIECE;
                copy(start, Math.min(size, start + PIECE));
            } catch (RuntimeException | Error e) {
                failure = e;
            } finally {
                missing.countDown();
            }
        }
    }

    /** Also when the thread is interrupted: the memories are not to be freed before. */
    private void awaitHelpers() {
        Uninterrupted.await(missing);
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
    }

    private void copy(int start, int end) {
        for (int at = start; at < end; at += PAGE) {
            if (rawFrom == 0 || rawTo == 0) {
                if (!isZero(from, at)) {
                    to.put(at, from, at, PAGE);
                }
            } else if (!isZero(rawFrom + at)) {
                UNSAFE.copyMemory(rawFrom + at, rawTo + at, PAGE);
            }
        }
    }

    private static boolean isZero(long start) {
        long any = 0;
        for (int i = 0; i < PAGE && any == 0; i += 32) {
            long at = start + i;
            any =
                    UNSAFE.getLong(at)
                            | UNSAFE.getLong(at + 8)
                            | UNSAFE.getLong(at + 16)
                            | UNSAFE.getLong(at + 24);
        }
        return any == 0;
    }

    private static boolean isZero(ByteBuffer from, int start) {
        for (int at = start; at < start + PAGE; at += 8) {
            if (from.getLong(at) != 0) {
                return false;
            }
        }
        return true;
    }
}
