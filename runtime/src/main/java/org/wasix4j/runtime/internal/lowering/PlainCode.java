package org.wasix4j.runtime.internal.lowering;

import java.util.Arrays;
import java.util.List;

/**
 * The instructions of one byte of which only numbers follow that mean nothing for the flow of
 * control: nine of ten. To step over them takes no objects and hardly any calls, which counts while
 * the JVM interprets the code that does it.
 */
final class PlainCode {

    /** A number has so many bytes at most. */
    private static final int LONGEST_NUMBER = 10;

    /** Of a load or store. */
    private static final byte ADDRESS = 2;

    /** By code: how many numbers follow; -1 for other instructions. */
    static final byte[] NUMBERS = new byte[256];

    /** By code: {@link JavaSize#of}. */
    static final byte[] SIZES = new byte[256];

    static {
        Arrays.fill(NUMBERS, (byte) -1);
        for (int code = Instruction.DROP; code < NUMBERS.length; code++) {
            List<Immediate> immediates = Instructions.plainImmediates(code);
            if (code == Instruction.TRY_TABLE
                    || code == Instruction.REF_FUNC
                    || immediates == null) {
                continue;
            }
            if (immediates.isEmpty()) {
                NUMBERS[code] = 0;
            } else if (immediates.size() == 1) {
                NUMBERS[code] = numbers(immediates.get(0));
            }
        }
        NUMBERS[Instruction.NOP] = 0;
        NUMBERS[Instruction.END] = 0;
        NUMBERS[Instruction.RETURN] = 0;
        for (int code = 0; code < SIZES.length; code++) {
            SIZES[code] = (byte) JavaSize.of(code);
        }
    }

    private PlainCode() {}

    private static byte numbers(Immediate immediate) {
        return switch (immediate) {
            case LOCAL, GLOBAL, I32, I64 -> 1;
            case MEMORY_ARGUMENT -> ADDRESS;
            default -> -1;
        };
    }

    /** Where the instruction at an offset ends; -1 when it is to be looked at closer. */
    static int behind(byte[] wasm, int at, int end) {
        int numbers = NUMBERS[wasm[at] & 0xff];
        int next = at + 1;
        if (numbers <= 0) {
            return numbers < 0 ? -1 : next;
        }
        if (numbers == ADDRESS) {
            if (next >= end || wasm[next] < 0 || wasm[next] >= MemoryArgument.HAS_MEMORY) {
                return -1;
            }
            next++;
        }
        int first = next;
        while (next < end && wasm[next] < 0) {
            next++;
        }
        return next >= end || next - first >= LONGEST_NUMBER ? -1 : next + 1;
    }
}
