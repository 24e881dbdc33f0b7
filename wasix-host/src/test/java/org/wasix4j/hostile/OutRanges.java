package org.wasix4j.hostile;

import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.wasix4j.host.HostHarness;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.SyscallSpec;
import org.wasix4j.types.SyscallSpec.Parameter;

/** Which bytes of the guest's memory a call may write, by the kinds of its parameters. */
final class OutRanges {

    /** Sizes of the records that calls write, of the current generation. */
    private static final Map<String, Integer> SIZES =
            Map.ofEntries(
                    Map.entry("fd", 4),
                    Map.entry("size", 4),
                    Map.entry("pointersize", 4),
                    Map.entry("filesize", 8),
                    Map.entry("timestamp", 8),
                    Map.entry("option_timestamp", 16),
                    Map.entry("fdstat", 24),
                    Map.entry("filestat", 64),
                    Map.entry("prestat", 8),
                    Map.entry("roflags", 2),
                    Map.entry("fdflagsext", 2),
                    Map.entry("bool", 1),
                    Map.entry("addr_port", 110),
                    Map.entry("hardware_address", 6),
                    Map.entry("pid", 4),
                    Map.entry("tid", 4),
                    Map.entry("exitcode", 4),
                    Map.entry("join_status", 6),
                    Map.entry("option_pid", 8),
                    Map.entry("process_handles", 28),
                    Map.entry("stack_snapshot", 24),
                    Map.entry("longsize", 8),
                    Map.entry("sock_status", 1),
                    Map.entry("tl_key", 4),
                    Map.entry("tl_val", 8),
                    Map.entry("tty", 24));

    /** Kinds behind pointers that are read, or belong to functions that nobody serves. */
    private static final List<String> NEVER =
            List.of(
                    "u32",
                    "thread_start",
                    "bus_event",
                    "cid",
                    "bid",
                    "function_pointer",
                    "context_id",
                    "dl_handle",
                    "http_handles",
                    "http_status",
                    "reflection_result",
                    "wasm_value_type");

    private final HostHarness guest;
    private final byte[] before;
    private final BitSet allowed = new BitSet();

    OutRanges(HostHarness guest, byte[] before) {
        this.guest = guest;
        this.before = before;
    }

    /** Adds what a call may write. */
    void add(SyscallSpec spec, long[] args) {
        List<Parameter> parameters = spec.parameters();
        boolean legacy = guest.profile() == AbiProfile.LEGACY;
        for (int i = 0; i < args.length; i++) {
            String kind = parameters.get(i).kind();
            long at = args[i] & 0xffffffffL;
            if (kind.equals("iovecs")) {
                long count = Math.min(args[i + 1] & 0xffffffffL, 1024);
                for (int k = 0; k < count && at + 8 <= before.length; k++, at += 8) {
                    allow(word(at), word(at + 4));
                }
            } else if (kind.startsWith("*")) {
                allow(at, size(spec, parameters, args, i, kind.substring(1), legacy));
            }
        }
    }

    private long size(
            SyscallSpec spec,
            List<Parameter> parameters,
            long[] args,
            int i,
            String kind,
            boolean legacy) {
        String next = i + 1 < args.length ? parameters.get(i + 1).kind() : "";
        long value = i + 1 < args.length ? args[i + 1] & 0xffffffffL : 0;
        return switch (kind) {
            case "*u8" -> 64;
            case "u8" ->
                    switch (next) {
                        case "size", "pointersize" -> value;
                        case "*pointersize" -> word(value);
                        default -> spec.name().endsWith("_get") ? 256 : 0;
                    };
            case "event" -> (args[2] & 0xffffffffL) * 32;
            case "epoll_event" -> value * 32;
            case "addr_ip" -> value * 18;
            case "addr_cidr" -> word(value) * (legacy ? 20 : 28);
            case "route" -> word(value) * (legacy ? 72 : 176);
            case "addr_port" -> legacy ? 20 : 110;
            case "filestat" -> spec.module().equals("wasi_unstable") ? 56 : 64;
            case "tty" -> spec.name().equals("tty_get") ? 24 : 0;
            default -> {
                if (NEVER.contains(kind)) {
                    yield 0;
                }
                Integer size = SIZES.get(kind);
                if (size == null) {
                    throw new AssertionError("what is written to a *" + kind + " of " + spec + "?");
                }
                yield size;
            }
        };
    }

    private long word(long at) {
        if (at + 4 > before.length) {
            return 0;
        }
        return (before[(int) at] & 0xff
                        | (before[(int) at + 1] & 0xff) << 8
                        | (before[(int) at + 2] & 0xff) << 16
                        | before[(int) at + 3] << 24)
                & 0xffffffffL;
    }

    /** Adds a range, cut off at the memory's end. */
    void allow(long at, long length) {
        if (at < before.length) {
            allowed.set((int) at, (int) Math.min(before.length, at + length));
        }
    }

    /** The first byte that changed and must not have, or -1. */
    int firstForbidden(byte[] after) {
        for (int i = allowed.nextClearBit(0); i < before.length; i = allowed.nextClearBit(i)) {
            int end = allowed.nextSetBit(i);
            end = end < 0 ? before.length : end;
            int different = java.util.Arrays.mismatch(before, i, end, after, i, end);
            if (different >= 0) {
                return i + different;
            }
            i = end;
        }
        return -1;
    }
}
