package org.wasix4j.abi;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SpawnAction;

/**
 * The records of the process calls: {@code option_pid}, {@code join_status}, {@code
 * process_handles}, {@code proc_spawn_fd_op}, {@code signal_disposition}, and lists of words.
 */
public final class ProcessCodec {

    /** Size of an {@code option_pid}: tag u8 at 0 (0 none, 1 some), pid u32 at 4. */
    public static final int OPTION_PID_SIZE = 8;

    /** Size of a {@code join_status}: tag u8 at 0, payload at 2. */
    public static final int JOIN_STATUS_SIZE = 6;

    /** Size of {@code process_handles}: pid u32 at 0, then three {@code option_fd} of 8 bytes. */
    public static final int HANDLES_SIZE = 28;

    /** Size of a {@code signal_disposition}: signal u8 at 0, disposition u8 at 1. */
    public static final int DISPOSITION_SIZE = 2;

    private static final int FD_OP_SIZE = 56;

    /** How many bytes of arguments or environment a program can get, as ARG_MAX of Linux. */
    private static final int MAX_WORDS = 2 << 20;

    /** How many file actions one spawn can have. */
    private static final int MAX_ACTIONS = 65536;

    private ProcessCodec() {}

    /** Reads an {@code option_pid}: the number, or {@code none}. */
    public static int readOptionPid(GuestMemory memory, int address, int none) {
        memory.check(address, OPTION_PID_SIZE);
        return memory.readU8(address) == 0 ? none : memory.readI32(address + 4);
    }

    /** Writes an {@code option_pid} that has a number. */
    public static void writeSomePid(GuestMemory memory, int address, int pid) {
        memory.writeI32(address, 1);
        memory.writeI32(address + 4, pid);
    }

    /** Writes a {@code join_status} that says that nothing has happened. */
    public static void writeNothing(GuestMemory memory, int address) {
        memory.writeU16(address, 0);
        memory.writeI32(address + 2, 0);
    }

    /** Writes a {@code join_status}: exit_normal, code u16 at 2. */
    public static void writeExited(GuestMemory memory, int address, int code) {
        memory.writeU16(address, 1);
        memory.writeI32(address + 2, code);
    }

    /** Writes a {@code join_status}: exit_signal, exit code u16 at 2, signal u8 at 4. */
    public static void writeSignaled(GuestMemory memory, int address, int signal) {
        memory.writeU16(address, 2);
        memory.writeU16(address + 2, 0);
        memory.writeU16(address + 4, signal);
    }

    /** Writes a {@code join_status}: stopped, signal u8 at 2. */
    public static void writeStopped(GuestMemory memory, int address, int signal) {
        memory.writeU16(address, 3);
        memory.writeI32(address + 2, signal);
    }

    /** Writes {@code process_handles} without descriptors of the streams. */
    public static void writeHandles(GuestMemory memory, int address, int pid, int[] streams) {
        memory.writeI32(address, pid);
        for (int i = 0; i < 3; i++) {
            memory.writeI32(address + 4 + 8 * i, streams[i] < 0 ? 0 : 1);
            memory.writeI32(address + 8 + 8 * i, Math.max(0, streams[i]));
        }
    }

    /**
     * Reads words that are joined by line feeds; libc puts one behind the last too.
     *
     * @throws org.wasix4j.types.ErrnoException 2big for more than Linux takes
     */
    public static List<String> readWords(GuestMemory memory, int address, int length) {
        if (Integer.compareUnsigned(length, MAX_WORDS) > 0) {
            throw Errno.E2BIG.exception();
        }
        String text = new String(memory.readBytes(address, length), StandardCharsets.UTF_8);
        List<String> words = new ArrayList<>();
        int from = 0;
        while (from < text.length()) {
            int end = text.indexOf('\n', from);
            int to = end < 0 ? text.length() : end;
            words.add(text.substring(from, to));
            from = to + 1;
        }
        return words;
    }

    /**
     * Reads an array of pointers to strings that end with NUL, as argv is: any bytes else may be in
     * them. A null pointer ends the array before its time.
     *
     * @throws org.wasix4j.types.ErrnoException 2big for more than Linux takes
     */
    public static List<String> readStrings(GuestMemory memory, int address, int count) {
        if (address == 0 || count == 0) {
            return List.of();
        }
        if (Integer.compareUnsigned(count, MAX_WORDS / 4) > 0) {
            throw Errno.E2BIG.exception();
        }
        memory.check(address, count, 4);
        List<String> strings = new ArrayList<>();
        int left = MAX_WORDS;
        for (int i = 0; i < count; i++) {
            int string = memory.readI32(address + 4 * i);
            if (string == 0) {
                break;
            }
            int length = 0;
            while (memory.readU8(string + length) != 0) {
                length++;
                if (length >= left) {
                    throw Errno.E2BIG.exception();
                }
            }
            left -= length;
            strings.add(new String(memory.readBytes(string, length), StandardCharsets.UTF_8));
        }
        return strings;
    }

    /**
     * Reads the file actions of a spawn.
     *
     * @throws org.wasix4j.types.ErrnoException inval for an action that there is not, 2big for too
     *     many, or too long paths in all
     */
    public static List<SpawnAction> readActions(GuestMemory memory, int address, int count) {
        if (Integer.compareUnsigned(count, MAX_ACTIONS) > 0) {
            throw Errno.E2BIG.exception();
        }
        memory.check(address, count, FD_OP_SIZE);
        long letters = 0;
        List<SpawnAction> actions = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int at = address + i * FD_OP_SIZE;
            SpawnAction.Kind kind = SpawnAction.Kind.of(memory.readU8(at));
            boolean named = kind == SpawnAction.Kind.OPEN || kind == SpawnAction.Kind.CHDIR;
            String path =
                    named ? memory.readPath(memory.readI32(at + 12), memory.readI32(at + 16)) : "";
            letters += path.length();
            if (letters > MAX_WORDS) {
                throw Errno.E2BIG.exception();
            }
            actions.add(
                    new SpawnAction(
                            kind,
                            memory.readI32(at + 4),
                            memory.readI32(at + 8),
                            path,
                            memory.readI32(at + 20),
                            memory.readU16(at + 24),
                            memory.readI64(at + 32),
                            memory.readU16(at + 48),
                            memory.readU16(at + 50)));
        }
        return actions;
    }
}
