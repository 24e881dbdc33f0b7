package org.wasix4j.runtime.internal;

import static org.wasix4j.runtime.internal.LoopGuest.HEADER;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.wasix4j.runtime.Engine;
import org.wasix4j.runtime.ExitStatus;
import org.wasix4j.runtime.Invocation;
import org.wasix4j.runtime.WasixModule;
import org.wasix4j.runtime.WasixProcess;
import org.wasix4j.runtime.WasixRuntime;
import org.wasix4j.runtime.internal.lowering.BinaryWriter;
import org.wasix4j.runtime.internal.lowering.FlatText;

/**
 * Modules of several functions that begin interpreted; see {@link FlatText}. There are a global
 * that nobody else sees, a page of memory, a table with all functions, a tag with an i32, and names
 * of the functions.
 */
final class TierGuest {

    /** The type of functions that take and give an i32. */
    static final int OF_INT = 1;

    /**
     * A function from i32 to i32.
     *
     * @param locals besides the parameter
     */
    record Function(String name, String locals, String code) {}

    /** How a program ended, and what its function answered. */
    record Outcome(String status, int shellCode, List<String> results) {}

    private TierGuest() {}

    static Function function(String name, String locals, String code) {
        return new Function(name, locals, code);
    }

    /** A module that exports its first function as "f". */
    static byte[] module(Function... functions) {
        int count = functions.length;
        BinaryWriter types = new BinaryWriter().u32(2);
        types.raw(FlatText.type("i32 :")).raw(FlatText.type("i32 : i32"));
        BinaryWriter declared = new BinaryWriter().u32(count);
        BinaryWriter code = new BinaryWriter().u32(count);
        BinaryWriter names = new BinaryWriter().u32(count);
        BinaryWriter elements = new BinaryWriter().u32(1).u32(0);
        elements.u8(0x41).u8(0).u8(0x0b).u32(count);
        for (int i = 0; i < count; i++) {
            declared.u32(OF_INT);
            code.sized(FlatText.function(functions[i].locals(), functions[i].code()));
            names.u32(i).name(functions[i].name());
            elements.u32(i);
        }
        BinaryWriter exports = new BinaryWriter().u32(2).name("f").u8(0).u32(0);
        exports.name("memory").u8(2).u32(0);
        return new BinaryWriter()
                .raw(HEADER, 0, HEADER.length)
                .section(1, types)
                .section(3, declared)
                .section(4, new BinaryWriter().u32(1).u8(0x70).u8(0).u32(count))
                .section(5, new BinaryWriter().u32(1).u8(0).u32(1))
                .section(13, new BinaryWriter().u32(1).u8(0).u32(0))
                .section(6, new BinaryWriter().u32(1).u8(0x7f).u8(1).u8(0x41).u8(0).u8(0x0b))
                .section(7, exports)
                .section(9, elements)
                .section(10, code)
                .section(0, new BinaryWriter().name("name").u8(1).sized(names))
                .toByteArray();
    }

    /** A module that begins interpreted. */
    static WasixModule lazy(Function... functions) {
        return WasixModule.loader().withLazyCompilation(true).load("tiers", module(functions));
    }

    /** A module that was compiled before it runs. */
    static WasixModule eager(Function... functions) {
        return WasixModule.load("tiers", module(functions), Engine.COMPILER);
    }

    /** Starts "f" of a module with an argument. */
    static WasixProcess start(WasixModule module, int argument, List<String> results) {
        return start(module, argument, results, UnaryOperator.identity());
    }

    /** The same with more settings. */
    static WasixProcess start(
            WasixModule module,
            int argument,
            List<String> results,
            UnaryOperator<WasixRuntime.Builder> settings) {
        Invocation call = new Invocation("f", List.of("" + argument), results::addAll);
        return settings.apply(WasixRuntime.builder().withInvocation(call)).build().start(module);
    }

    /** Calls "f" of a module with an argument. */
    static Outcome run(WasixModule module, int argument) throws InterruptedException {
        List<String> results = new ArrayList<>();
        try (WasixProcess process = start(module, argument, results)) {
            ExitStatus status = process.waitFor();
            return new Outcome(status.toString(), status.shellCode(), results);
        }
    }
}
