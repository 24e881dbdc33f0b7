package org.wasix4j.host;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.wasix4j.abi.GuestMemory;
import org.wasix4j.system.DynamicLinker;
import org.wasix4j.system.DynamicLinker.Signature;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.ValueType;

/**
 * Functions of the table by number, with types that are known at run time only: {@code
 * call_dynamic}, {@code reflect_signature}, {@code closure_allocate}, {@code closure_prepare},
 * {@code closure_free}. libffi is built on them.
 *
 * <p>Source: wasix-witx; wasix-libc, {@code wasix/closure.h} and its neighbours.
 */
public final class WasixFunctions implements HostModule {

    /** A function takes and returns so many values at most; the engine allows no more. */
    private static final int MOST_VALUES = 1000;

    /** Size of a {@code reflection_result}: cacheable u8 at 0, arguments u16 at 2, results at 4. */
    private static final int REFLECTION_SIZE = 6;

    @Override
    public @Nullable Syscall find(String key) {
        return switch (key) {
            case "call_dynamic" -> this::callDynamic;
            case "reflect_signature" -> this::reflectSignature;
            case "closure_allocate" -> this::closureAllocate;
            case "closure_prepare" -> this::closurePrepare;
            case "closure_free" -> this::closureFree;
            default -> null;
        };
    }

    /**
     * {@code call_dynamic(function_id, values, values_len, results, results_len, strict)}: calls a
     * function with the values in a buffer, one after the other without gaps, and writes what it
     * returns to another the same way. Strict: both buffers must have the right size; otherwise
     * what is missing is zero, and what does not fit is left out. Errors: inval.
     */
    private Errno callDynamic(CallContext call, long[] args) {
        int function = (int) args[0];
        int valuesAt = (int) args[1];
        int given = (int) args[2];
        int resultsAt = (int) args[3];
        int room = (int) args[4];
        boolean strict = (args[5] & 0xff) != 0;
        DynamicLinker linker = WasixLibraries.linker(call);
        Signature signature = linker.signature(function);
        if (signature == null) {
            return Errno.INVAL;
        }
        GuestMemory memory = call.memory();
        memory.check(valuesAt, Integer.toUnsignedLong(given));
        memory.check(resultsAt, Integer.toUnsignedLong(room));
        int wanted = size(signature.arguments());
        int returned = size(signature.results());
        if (strict && (given != wanted || room != returned)) {
            return Errno.INVAL;
        }
        ByteBuffer values = ByteBuffer.allocate(wanted).order(ByteOrder.LITTLE_ENDIAN);
        values.put(memory.readBytes(valuesAt, Math.min(given, wanted))).clear();
        long[] results = linker.call(function, read(values, signature.arguments()));
        ByteBuffer out = ByteBuffer.allocate(returned).order(ByteOrder.LITTLE_ENDIAN);
        write(out, signature.results(), results);
        // the call may have come back here
        GuestMemory now = call.memory();
        byte[] bytes = new byte[Math.min(room, returned)];
        out.clear().get(bytes);
        now.writeBytes(resultsAt, bytes);
        return Errno.SUCCESS;
    }

    /** How many bytes values take, one after the other. */
    static int size(List<ValueType> types) {
        return types.stream().mapToInt(ValueType::size).sum();
    }

    private static long[] read(ByteBuffer from, List<ValueType> types) {
        List<Long> values = new ArrayList<>();
        for (ValueType type : types) {
            for (int left = type.size(); left > 0; left -= 8) {
                values.add(
                        type.size() == 4
                                ? Integer.toUnsignedLong(from.getInt())
                                : (Long) from.getLong());
            }
        }
        return values.stream().mapToLong(Long::longValue).toArray();
    }

    private static void write(ByteBuffer to, List<ValueType> types, long[] values) {
        int next = 0;
        for (ValueType type : types) {
            for (int left = type.size(); left > 0; left -= 8) {
                if (type.size() == 4) {
                    to.putInt((int) values[next++]);
                } else {
                    to.putLong(values[next++]);
                }
            }
        }
    }

    /**
     * {@code reflect_signature(function_id, argument_types: *wasm_value_type, argument_types_len,
     * result_types: *wasm_value_type, result_types_len, ret: *reflection_result)}: what a function
     * takes and returns. The answer can be kept unless the place is one of a closure. Errors: inval
     * when there is no function, which can be kept of the null pointer only; overflow when a list
     * has too little room, with the counts in the result all the same.
     */
    private Errno reflectSignature(CallContext call, long[] args) {
        int function = (int) args[0];
        int argumentTypes = (int) args[1];
        int argumentRoom = (int) args[2] & 0xffff;
        int resultTypes = (int) args[3];
        int resultRoom = (int) args[4] & 0xffff;
        int out = (int) args[5];
        GuestMemory memory = call.memory();
        memory.check(out, REFLECTION_SIZE);
        DynamicLinker linker = WasixLibraries.linker(call);
        Signature signature = linker.signature(function);
        if (signature == null) {
            memory.writeU8(out, function == 0 ? 1 : 0);
            memory.writeU16(out + 2, 0);
            memory.writeU16(out + 4, 0);
            return Errno.INVAL;
        }
        memory.writeU8(out, linker.isClosure(function) ? 0 : 1);
        memory.writeU16(out + 2, signature.arguments().size());
        memory.writeU16(out + 4, signature.results().size());
        if (argumentRoom < signature.arguments().size()
                || resultRoom < signature.results().size()) {
            return Errno.OVERFLOW;
        }
        writeTypes(memory, argumentTypes, signature.arguments());
        writeTypes(memory, resultTypes, signature.results());
        return Errno.SUCCESS;
    }

    private static void writeTypes(GuestMemory memory, int at, List<ValueType> types) {
        byte[] codes = new byte[types.size()];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = (byte) types.get(i).code();
        }
        memory.writeBytes(at, codes);
    }

    /** {@code closure_allocate(ret: *function_pointer)}: reserves a place. Errors: nomem. */
    private Errno closureAllocate(CallContext call, long[] args) {
        int placeOut = (int) args[0];
        call.memory().check(placeOut, 4);
        DynamicLinker.Answer answer = WasixLibraries.linker(call).allocateClosure();
        if (answer.errno() == Errno.SUCCESS) {
            call.memory().writeI32(placeOut, answer.value());
        }
        return answer.errno();
    }

    /**
     * {@code closure_prepare(backing_function_id, closure_id, argument_types, argument_types_len,
     * result_types, result_types_len, user_data_ptr)}: makes a function of these types at a place
     * that was reserved. When it is called, the backing function is, with three pointers: to the
     * arguments without gaps, to room for the results, and the user's data. Errors: inval.
     */
    private Errno closurePrepare(CallContext call, long[] args) {
        int backing = (int) args[0];
        int closure = (int) args[1];
        List<ValueType> arguments = types(call.memory(), (int) args[2], (int) args[3]);
        List<ValueType> results = types(call.memory(), (int) args[4], (int) args[5]);
        int userData = (int) args[6];
        return WasixLibraries.linker(call)
                .prepareClosure(closure, new Signature(arguments, results), backing, userData);
    }

    private static List<ValueType> types(GuestMemory memory, int at, int count) {
        if (count < 0 || count > MOST_VALUES) {
            throw Errno.INVAL.exception();
        }
        List<ValueType> types = new ArrayList<>();
        for (byte code : memory.readBytes(at, count)) {
            types.add(ValueType.of(code));
        }
        return types;
    }

    /**
     * {@code closure_free(closure_id)}: gives a place back. A number that is not one of a place
     * succeeds, too, as in the reference: programs assert it.
     */
    private Errno closureFree(CallContext call, long[] args) {
        WasixLibraries.linker(call).freeClosure((int) args[0]);
        return Errno.SUCCESS;
    }
}
