package org.wasix4j.host;

import org.wasix4j.abi.EpollCodec;
import org.wasix4j.abi.GuestMemory;
import org.wasix4j.abi.PollCodec;
import org.wasix4j.system.clock.Clocks;
import org.wasix4j.system.fd.FdTable;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.poll.Epoll;
import org.wasix4j.system.poll.EpollReport;
import org.wasix4j.system.poll.EventFd;
import org.wasix4j.system.poll.Pipe;
import org.wasix4j.system.poll.PollSet;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.ClockId;
import org.wasix4j.types.EpollFlags;
import org.wasix4j.types.Errno;
import org.wasix4j.types.FdFlags;
import org.wasix4j.types.Nullable;

/**
 * Waiting: {@code poll_oneoff}, the {@code epoll_*} functions, {@code fd_event}, {@code fd_pipe}.
 *
 * <p>Source: wasi-witx {@code wasi_snapshot_preview1.witx}, wasix-witx; the man pages of the POSIX
 * functions.
 */
public final class WasixPoll implements HostModule {

    private static final int EVENTFD_SEMAPHORE = 1;

    /** The user data under which mio subscribes the waker of its selector. */
    private static final long MIO_WAKER = -1;

    /** The user data under which tokio subscribes the waker of its driver. */
    private static final long TOKIO_WAKER = 1L << 31;

    @Override
    public @Nullable Syscall find(String key) {
        return switch (key) {
            case "poll_oneoff", "epoll_oneoff" -> this::pollOneoff;
            case "epoll_create" -> this::epollCreate;
            case "epoll_ctl" -> this::epollCtl;
            case "epoll_wait" -> this::epollWait;
            case "fd_pipe" -> this::fdPipe;
            case "fd_event" -> this::fdEvent;
            default -> null;
        };
    }

    /**
     * {@code poll_oneoff(in: *subscription, out: *event, nsubscriptions, ret: *size)}: poll(2) and
     * nanosleep(2) in one. Events come in the order of the subscriptions.
     *
     * <p>An error of one subscription is reported in its event: badf for a descriptor that is not
     * open or that another thread closes meanwhile, inval for a clock that cannot be waited for. A
     * negative descriptor is ignored, as poll(2) does. The hang-up flag is set only when both
     * directions are gone, because libc takes POLLOUT away with it. A timeout of 0 is over at once.
     *
     * <p>Errors: inval for no subscriptions, for more than two for each descriptor that there can
     * be and for an unknown type; intr; a bad pointer.
     */
    private Errno pollOneoff(CallContext call, long[] args) {
        int in = (int) args[0];
        int out = (int) args[1];
        int count = (int) args[2];
        int sizeOut = (int) args[3];
        GuestMemory memory = call.memory();
        AbiProfile profile = call.profile();
        // a descriptor can be asked for reading and for writing, and there are clocks
        if (count <= 0 || count > 2 * call.descriptors().limit() + 16) {
            return Errno.INVAL;
        }
        memory.check(in, count, PollCodec.subscriptionSize(profile));
        memory.check(out, count, PollCodec.EVENT_SIZE);
        memory.check(sizeOut, 4);
        PollSet set = call.pollSet();
        set.begin(count);
        for (int i = 0; i < count; i++) {
            subscribe(call, set, in + i * PollCodec.subscriptionSize(profile));
        }
        int events = set.await(call.thread());
        int at = out;
        for (int i = set.nextReady(0); i >= 0; i = set.nextReady(i + 1)) {
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
        memory.writeI32(sizeOut, events);
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
                subscribeDescriptor(call, set, data, tag, fd);
            }
            default -> throw Errno.INVAL.exception();
        }
    }

    private static void subscribeDescriptor(
            CallContext call, PollSet set, long data, int tag, int fd) {
        if (fd < 0) {
            set.addIgnored();
            return;
        }
        OpenDescription description = call.descriptors().find(fd);
        // the first generation's mio and tokio wake themselves by event descriptors that they never
        // read; they are known by their tokens
        if (call.profile().legacySockTypes()
                && (data == MIO_WAKER || data == TOKIO_WAKER)
                && tag == PollCodec.FD_READ
                && description instanceof EventFd waker) {
            set.addWaker(data, tag, waker);
        } else {
            set.addDescriptor(
                    data,
                    tag,
                    description,
                    tag == PollCodec.FD_READ ? Readiness.READ : Readiness.WRITE);
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

    /** {@code epoll_create(ret: *fd)}: epoll_create(2). Errors: mfile. */
    private Errno epollCreate(CallContext call, long[] args) {
        int fdOut = (int) args[0];
        call.memory().check(fdOut, 4);
        int fd =
                call.descriptors()
                        .install(call.thread(), new Epoll(call.process().mounts().memory()));
        call.memory().writeI32(fdOut, fd);
        return Errno.SUCCESS;
    }

    /**
     * {@code epoll_ctl(epfd, op, fd, event: &epoll_event)}: epoll_ctl(2). The operations serve both
     * numberings that guests use: 0 adds, 1 adds or changes, 2 removes (event may be null), 3
     * changes.
     *
     * <p>Errors: badf; inval when epfd is no epoll set or fd is one, and for an unknown operation;
     * exist, noent; perm for a regular file, a directory or /dev/null and its like; mfile; nospc
     * when there is too little memory left; a bad or null pointer.
     */
    private Errno epollCtl(CallContext call, long[] args) {
        int epfd = (int) args[0];
        int op = (int) args[1];
        FdTable descriptors = call.descriptors();
        Epoll set = descriptors.get(epfd, Epoll.class, Errno.INVAL);
        int fd = (int) args[2];
        OpenDescription description = descriptors.get(fd);
        Epoll.Change change;
        switch (op) {
            case EpollFlags.CTL_ADD -> change = Epoll.Change.ADD;
            case EpollFlags.CTL_MOD_OR_ADD -> change = Epoll.Change.PUT;
            case EpollFlags.CTL_MOD -> change = Epoll.Change.MODIFY;
            case EpollFlags.CTL_DEL -> {
                set.remove(fd, description);
                return Errno.SUCCESS;
            }
            default -> throw Errno.INVAL.exception();
        }
        int event = (int) args[3];
        if (event == 0) {
            return call.profile().badPointer();
        }
        GuestMemory memory = call.memory();
        memory.check(event, EpollCodec.SIZE);
        set.put(
                change,
                fd,
                description,
                EpollCodec.events(memory, event),
                EpollCodec.data(memory, event, 0),
                EpollCodec.data(memory, event, 1),
                EpollCodec.data(memory, event, 2));
        return Errno.SUCCESS;
    }

    /**
     * {@code epoll_wait(epfd, event: *epoll_event, maxevents, timeout, ret: *size)}: epoll_wait(2),
     * with the timeout in nanoseconds: 0 does not wait, 2^64-1 waits for ever. A timeout is success
     * with no events. One wait reports 1,024 events at most.
     *
     * <p>Errors: badf, also when another thread closes the set; inval when epfd is no epoll set or
     * maxevents is not positive; intr; mfile; a bad pointer.
     */
    private Errno epollWait(CallContext call, long[] args) {
        int epfd = (int) args[0];
        long timeout = args[3];
        int sizeOut = (int) args[4];
        Epoll set = call.descriptors().get(epfd, Epoll.class, Errno.INVAL);
        int out = (int) args[1];
        int max = (int) args[2];
        if (max <= 0) {
            return Errno.INVAL;
        }
        GuestMemory memory = call.memory();
        memory.check(out, max, EpollCodec.SIZE);
        memory.check(sizeOut, 4);
        EpollReport report = call.epollReport().begin(max);
        set.await(call.thread(), report, Clocks.deadlineIn(timeout));
        for (int i = 0; i < report.count(); i++) {
            EpollCodec.write(
                    memory,
                    out + i * EpollCodec.SIZE,
                    report.events(i),
                    report.data(i, 0),
                    report.data(i, 1),
                    report.data(i, 2));
        }
        memory.writeI32(sizeOut, report.count());
        return Errno.SUCCESS;
    }

    /**
     * {@code fd_pipe(ret: *fd, ret: *fd)}: pipe(2), the end to read first; see {@link Pipe} for
     * both ends. Errors: mfile.
     */
    private Errno fdPipe(CallContext call, long[] args) {
        int readerOut = (int) args[0];
        int writerOut = (int) args[1];
        call.memory().check(readerOut, 4);
        call.memory().check(writerOut, 4);
        Pipe[] ends = Pipe.open(call.process().mounts().memory(), call.profile().legacySockTypes());
        FdTable descriptors = call.descriptors();
        int[] pair = descriptors.install(call.thread(), ends[0], ends[1]);
        call.memory().writeI32(readerOut, pair[0]);
        call.memory().writeI32(writerOut, pair[1]);
        return Errno.SUCCESS;
    }

    /**
     * {@code fd_event(initial_val: u64, flags, ret: *fd)}: eventfd(2); flags are 1 semaphore and 4
     * non-blocking, others mean nothing. Errors: inval for an initial value of 2^64-1, mfile.
     */
    private Errno fdEvent(CallContext call, long[] args) {
        long initialVal = args[0];
        int flags = (int) args[1];
        int fdOut = (int) args[2];
        call.memory().check(fdOut, 4);
        if (initialVal == -1) {
            return Errno.INVAL;
        }
        EventFd event = new EventFd(initialVal, (flags & EVENTFD_SEMAPHORE) != 0);
        event.statusFlags(flags & FdFlags.NONBLOCK);
        int fd = call.descriptors().install(call.thread(), event);
        call.memory().writeI32(fdOut, fd);
        return Errno.SUCCESS;
    }
}
