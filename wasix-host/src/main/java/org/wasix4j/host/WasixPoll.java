package org.wasix4j.host;

import org.wasix4j.abi.GuestMemory;
import org.wasix4j.abi.PollCodec;
import org.wasix4j.system.clock.Clocks;
import org.wasix4j.system.fd.FdTable;
import org.wasix4j.system.poll.EventFd;
import org.wasix4j.system.poll.Pipe;
import org.wasix4j.system.poll.PollSet;
import org.wasix4j.system.poll.Readiness;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.ClockId;
import org.wasix4j.types.Errno;
import org.wasix4j.types.FdFlags;

/**
 * Waiting: {@code poll_oneoff}, the {@code epoll_*} functions, {@code fd_event}, {@code fd_pipe}.
 *
 * <p>Source: wasi-witx {@code wasi_snapshot_preview1.witx}, wasix-witx; the man pages of the POSIX
 * cousins.
 */
public final class WasixPoll implements HostModule {

    private static final int EVENTFD_SEMAPHORE = 1;

    @Override
    public void register(Registry registry) {
        registry.on("poll_oneoff", this::pollOneoff);
        registry.on("fd_pipe", this::fdPipe);
        registry.on("fd_event", this::fdEvent);
    }

    /**
     * {@code poll_oneoff(in: *subscription, out: *event, nsubscriptions, ret: *size)}: poll(2) and
     * nanosleep(2) in one. Events come in the order of the subscriptions.
     *
     * <p>What is wrong with one subscription is told in its event: badf for a descriptor that is
     * not open or that another thread closes meanwhile, inval for a clock that cannot be waited
     * for. A negative descriptor is ignored, as poll(2) does. The hang-up flag is set only when
     * both directions are gone, because libc takes POLLOUT away with it. A timeout of 0 is over at
     * once.
     *
     * <p>Errors: inval for no subscriptions, for more than there can be descriptors and for an
     * unknown type; intr; a bad pointer.
     */
    private Errno pollOneoff(CallContext call, long[] args) {
        int in = (int) args[0];
        int out = (int) args[1];
        int count = (int) args[2];
        GuestMemory memory = call.memory();
        AbiProfile profile = call.profile();
        if (count <= 0 || count > call.process().descriptors().limit()) {
            return Errno.INVAL;
        }
        memory.check(in, count, PollCodec.subscriptionSize(profile));
        memory.check(out, count, PollCodec.EVENT_SIZE);
        memory.check((int) args[3], 4);
        PollSet set = call.pollSet();
        set.begin(count);
        for (int i = 0; i < count; i++) {
            subscribe(call, set, in + i * PollCodec.subscriptionSize(profile));
        }
        int events = set.await(call.thread());
        int at = out;
        for (int i = 0; i < count; i++) {
            if (set.isReady(i)) {
                PollCodec.writeEvent(
                        memory,
                        at,
                        set.userData(i),
                        set.error(i).code(),
                        set.tag(i),
                        set.bytes(i),
                        set.isHangup(i));
                at += PollCodec.EVENT_SIZE;
            }
        }
        memory.writeI32((int) args[3], events);
        return Errno.SUCCESS;
    }

    private static void subscribe(CallContext call, PollSet set, int address) {
        GuestMemory memory = call.memory();
        long data = PollCodec.userData(memory, address);
        int tag = PollCodec.tag(memory, address);
        switch (tag) {
            case PollCodec.CLOCK -> subscribeClock(call, set, data, address);
            case PollCodec.FD_READ, PollCodec.FD_WRITE -> {
                int fd = PollCodec.descriptor(memory, address);
                if (fd < 0) {
                    set.addIgnored();
                } else {
                    set.addDescriptor(
                            data,
                            tag,
                            call.process().descriptors().find(call.thread(), fd),
                            tag == PollCodec.FD_READ ? Readiness.READ : Readiness.WRITE);
                }
            }
            default -> throw Errno.INVAL.exception();
        }
    }

    private static void subscribeClock(CallContext call, PollSet set, long data, int address) {
        AbiProfile profile = call.profile();
        ClockId clock = ClockId.of(PollCodec.clock(call.memory(), address, profile));
        if (clock != ClockId.REALTIME && clock != ClockId.MONOTONIC) {
            set.addFailure(data, PollCodec.CLOCK, Errno.INVAL);
            return;
        }
        long timeout = PollCodec.timeout(call.memory(), address, profile);
        boolean absolute = PollCodec.isAbsolute(call.memory(), address, profile);
        set.addClock(
                data,
                PollCodec.CLOCK,
                absolute
                        ? call.process().clocks().deadlineAt(clock, timeout)
                        : Clocks.deadlineIn(timeout));
    }

    /**
     * {@code fd_pipe(ret: *fd, ret: *fd)}: pipe(2), the end to read first by custom; both ends can
     * be read and written. Errors: mfile.
     */
    private Errno fdPipe(CallContext call, long[] args) {
        call.memory().check((int) args[0], 4);
        call.memory().check((int) args[1], 4);
        Pipe[] ends = Pipe.open();
        FdTable descriptors = call.process().descriptors();
        int[] pair = descriptors.install(call.thread(), ends[0], ends[1]);
        call.memory().writeI32((int) args[0], pair[0]);
        call.memory().writeI32((int) args[1], pair[1]);
        return Errno.SUCCESS;
    }

    /**
     * {@code fd_event(initial_val: u64, flags, ret: *fd)}: eventfd(2); flags are 1 semaphore and 4
     * non-blocking, others mean nothing. Errors: inval for an initial value of 2^64-1, mfile.
     */
    private Errno fdEvent(CallContext call, long[] args) {
        call.memory().check((int) args[2], 4);
        if (args[0] == -1) {
            return Errno.INVAL;
        }
        EventFd event = new EventFd(args[0], ((int) args[1] & EVENTFD_SEMAPHORE) != 0);
        event.statusFlags((int) args[1] & FdFlags.NONBLOCK);
        int fd = call.process().descriptors().install(call.thread(), event);
        call.memory().writeI32((int) args[2], fd);
        return Errno.SUCCESS;
    }
}
