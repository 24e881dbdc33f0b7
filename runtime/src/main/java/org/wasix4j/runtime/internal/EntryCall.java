package org.wasix4j.runtime.internal;

import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import com.dylibso.chicory.wasm.types.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.wasix4j.runtime.Invocation;
import org.wasix4j.types.Nullable;

/** What the first thread of a guest calls: {@code _start}, or the function of an invocation. */
final class EntryCall {

    private static final String START = "_start";
    private static final String INITIALIZE = "_initialize";

    private final String function;
    private final boolean initialise;
    private final long[] arguments;
    private final @Nullable FunctionType type;
    private final Consumer<List<String>> results;

    private EntryCall(
            String function,
            boolean initialise,
            long[] arguments,
            @Nullable FunctionType type,
            Consumer<List<String>> results) {
        this.function = function;
        this.initialise = initialise;
        this.arguments = arguments;
        this.type = type;
        this.results = results;
    }

    /**
     * The call that a plan wants.
     *
     * @param invocation null for {@code _start}
     * @throws org.wasix4j.runtime.ModuleException when the module has no such function
     * @throws IllegalArgumentException when the arguments do not fit it
     */
    static EntryCall of(LoadedModule module, @Nullable Invocation invocation) {
        if (invocation == null) {
            module.requireStart();
            return new EntryCall(START, false, new long[0], null, values -> {});
        }
        FunctionType type = module.requireFunction(invocation.function());
        List<String> words = invocation.arguments();
        if (words.size() != type.params().size()) {
            throw new IllegalArgumentException(
                    invocation.function()
                            + " takes "
                            + type.params().size()
                            + " arguments and not "
                            + words.size()
                            + ": its type is "
                            + type);
        }
        long[] arguments = new long[words.size()];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = value(words.get(i), type.params().get(i));
        }
        boolean initialise =
                module.exports(INITIALIZE) && !invocation.function().equals(INITIALIZE);
        return new EntryCall(
                invocation.function(), initialise, arguments, type, invocation.results());
    }

    /** Calls it; on the guest's first thread. */
    void run(ProcessRun.Caller guest) {
        if (initialise) {
            guest.call(INITIALIZE);
        }
        long[] answer = guest.call(function, arguments);
        if (type != null && answer != null) {
            List<String> words = new ArrayList<>();
            for (int i = 0; i < type.returns().size(); i++) {
                words.add(word(answer[i], type.returns().get(i)));
            }
            results.accept(words);
        }
    }

    private static long value(String word, ValType type) {
        try {
            if (type.equals(ValType.I32)) {
                long number = Long.decode(word);
                if (number < Integer.MIN_VALUE || number > 0xffffffffL) {
                    throw new NumberFormatException();
                }
                return number & 0xffffffffL;
            }
            if (type.equals(ValType.I64)) {
                return word.startsWith("-") || word.startsWith("0x")
                        ? whole(word)
                        : Long.parseUnsignedLong(word);
            }
            if (type.equals(ValType.F32)) {
                return Value.floatToLong(Float.parseFloat(word));
            }
            if (type.equals(ValType.F64)) {
                return Value.doubleToLong(Double.parseDouble(word));
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + word + "' is no " + name(type));
        }
        throw new IllegalArgumentException(
                "a parameter of the type " + name(type) + " cannot be given as a word");
    }

    private static long whole(String word) {
        return word.startsWith("0x")
                ? Long.parseUnsignedLong(word.substring(2), 16)
                : Long.parseLong(word);
    }

    private static String word(long value, ValType type) {
        if (type.equals(ValType.I32)) {
            return Integer.toString((int) value);
        }
        if (type.equals(ValType.I64)) {
            return Long.toString(value);
        }
        if (type.equals(ValType.F32)) {
            return Float.toString(Value.longToFloat(value));
        }
        return type.equals(ValType.F64) ? Double.toString(Value.longToDouble(value)) : name(type);
    }

    private static String name(ValType type) {
        return type.toString().toLowerCase(Locale.ROOT);
    }
}
