package org.wasix4j.host;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import org.wasix4j.abi.StringList;
import org.wasix4j.abi.TtyCodec;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.thread.RandomSource;
import org.wasix4j.system.thread.StackRoom;
import org.wasix4j.types.ClockId;
import org.wasix4j.types.Errno;
import org.wasix4j.types.FileType;
import org.wasix4j.types.Nullable;

/**
 * Arguments, environment, clocks, randomness, terminal.
 *
 * <p>Source: wasi-witx {@code wasi_snapshot_preview1.witx}, wasix-witx; the man pages of the POSIX
 * functions.
 */
public final class WasixSystem implements HostModule {

    /** Random bytes are made in pieces, so that a thread that asks for very many can be ended. */
    private static final int RANDOM_CHUNK = 4096;

    /** Made when it is first asked for: many guests never do, and it costs a start. */
    private volatile @Nullable SecureRandom random;

    @Override
    public @Nullable Syscall find(String key) {
        return switch (key) {
            case "args_get" -> this::argsGet;
            case "args_sizes_get" -> this::argsSizesGet;
            case "environ_get" -> this::environGet;
            case "environ_sizes_get" -> this::environSizesGet;
            case "clock_res_get" -> this::clockResGet;
            case "clock_time_get" -> this::clockTimeGet;
            case "clock_time_set" -> this::clockTimeSet;
            case "random_get" -> this::randomGet;
            case "sched_yield" -> this::schedYield;
            case "tty_get" -> this::ttyGet;
            case "tty_set" -> this::ttySet;
            default -> null;
        };
    }

    /**
     * {@code args_get(argv: **u8, argv_buf: *u8)}: fills argv with a pointer for each argument and
     * argv_buf with the arguments, each with a NUL behind it. Errors: a bad pointer.
     */
    private Errno argsGet(CallContext call, long[] args) {
        int argv = (int) args[0];
        int argvBuf = (int) args[1];
        arguments(call).write(call.memory(), argv, argvBuf);
        return Errno.SUCCESS;
    }

    /**
     * {@code args_sizes_get(ret: *size, ret: *size)}: how many arguments there are, and how many
     * bytes they take with their NULs. Errors: a bad pointer.
     */
    private Errno argsSizesGet(CallContext call, long[] args) {
        int countOut = (int) args[0];
        int bytesOut = (int) args[1];
        arguments(call).writeSizes(call.memory(), countOut, bytesOut);
        return Errno.SUCCESS;
    }

    private static StringList arguments(CallContext call) {
        return new StringList(call.process().arguments().stream().map(WasixSystem::utf8).toList());
    }

    /** {@code environ_get(environ: **u8, environ_buf: *u8)}: as args_get, with KEY=VALUE. */
    private Errno environGet(CallContext call, long[] args) {
        int environ = (int) args[0];
        int environBuf = (int) args[1];
        environment(call).write(call.memory(), environ, environBuf);
        return Errno.SUCCESS;
    }

    /** {@code environ_sizes_get(ret: *size, ret: *size)}: as args_sizes_get. */
    private Errno environSizesGet(CallContext call, long[] args) {
        int countOut = (int) args[0];
        int bytesOut = (int) args[1];
        environment(call).writeSizes(call.memory(), countOut, bytesOut);
        return Errno.SUCCESS;
    }

    private static StringList environment(CallContext call) {
        Map<String, String> variables = call.process().environment();
        List<byte[]> entries =
                variables.entrySet().stream()
                        .map(entry -> utf8(entry.getKey() + "=" + entry.getValue()))
                        .toList();
        return new StringList(entries);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * {@code clock_res_get(id, ret: *timestamp)}: clock_getres(2), nanoseconds. Errors: inval for a
     * clock that does not exist.
     */
    private Errno clockResGet(CallContext call, long[] args) {
        long id = args[0];
        int timestampOut = (int) args[1];
        long resolution = call.process().clocks().resolution(clock(id));
        call.memory().writeI64(timestampOut, resolution);
        return Errno.SUCCESS;
    }

    /**
     * {@code clock_time_get(id, precision, ret: *timestamp)}: clock_gettime(2), nanoseconds; always
     * as precise as the host can. Errors: inval for a clock that does not exist.
     */
    private Errno clockTimeGet(CallContext call, long[] args) {
        int timestampOut = (int) args[2];
        ClockId clock = clock(args[0]);
        if (clock != ClockId.MONOTONIC && clock != ClockId.REALTIME) {
            // what is computed is asked of the JVM; the others are so frequent and so simple that
            // the choke point asks for no room
            StackRoom.require(call.thread().syscalls());
        }
        long now = call.process().clocks().now(clock);
        call.memory().writeI64(timestampOut, now);
        return Errno.SUCCESS;
    }

    /**
     * {@code clock_time_set(id, timestamp)}: clock_settime(2). No guest may set the host's clocks.
     * Errors: inval for a clock that does not exist, else perm.
     */
    private Errno clockTimeSet(CallContext call, long[] args) {
        clock(args[0]);
        return Errno.PERM;
    }

    private static ClockId clock(long code) {
        ClockId clock = ClockId.of((int) code);
        if (clock == null) {
            throw Errno.INVAL.exception();
        }
        return clock;
    }

    /** {@code random_get(buf, buf_len)}: getrandom(2), unpredictable, never short. */
    private Errno randomGet(CallContext call, long[] args) {
        int address = (int) args[0];
        int bufLen = (int) args[1];
        long left = Integer.toUnsignedLong(bufLen);
        call.memory().check(address, left);
        byte[] chunk = new byte[(int) Math.min(left, RANDOM_CHUNK)];
        while (left > 0 && !call.process().isEnding()) {
            if (left < chunk.length) {
                chunk = new byte[(int) left];
            }
            random().nextBytes(chunk);
            call.memory().writeBytes(address, chunk);
            address += chunk.length;
            left -= chunk.length;
        }
        return Errno.SUCCESS;
    }

    private SecureRandom random() {
        SecureRandom made = random;
        if (made == null) {
            made = RandomSource.make();
            random = made;
        }
        return made;
    }

    /** {@code sched_yield()}: sched_yield(2). */
    // it is what the guest asks for
    @SuppressWarnings("ThreadPriorityCheck")
    private Errno schedYield(CallContext call, long[] args) {
        Thread.yield();
        return Errno.SUCCESS;
    }

    /**
     * {@code tty_get(state: *tty)}: what tcgetattr(3) and TIOCGWINSZ report. The host's terminal is
     * not asked: 80 columns by 25 rows, lines with echo.
     */
    private Errno ttyGet(CallContext call, long[] args) {
        int state = (int) args[0];
        TtyCodec.write(
                call.memory(),
                state,
                isTerminal(call, 0),
                isTerminal(call, 1),
                isTerminal(call, 2));
        return Errno.SUCCESS;
    }

    /**
     * {@code tty_set(state: *tty)}: tcsetattr(3). Errors: notty without a terminal; notsup, as the
     * host's terminal is not ours to change.
     */
    private Errno ttySet(CallContext call, long[] args) {
        int state = (int) args[0];
        call.memory().check(state, TtyCodec.SIZE);
        boolean terminal = isTerminal(call, 0) || isTerminal(call, 1) || isTerminal(call, 2);
        return terminal ? Errno.NOTSUP : Errno.NOTTY;
    }

    private static boolean isTerminal(CallContext call, int fd) {
        OpenDescription description = call.descriptors().find(fd);
        return description != null && description.type() == FileType.CHARACTER_DEVICE;
    }
}
