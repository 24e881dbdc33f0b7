package org.wasix4j.runtime.internal;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.internal.ByteClassCollector;
import com.dylibso.chicory.compiler.internal.Compiler;
import com.dylibso.chicory.compiler.internal.CompilerResult;
import com.dylibso.chicory.wasm.WasmModule;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.objectweb.asm.ClassTooLargeException;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodTooLargeException;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.wasix4j.types.Nullable;

/** The engine's compiler, whose failures are distinguished by what helps against them. */
final class EngineCompiler {

    private static final Pattern FUNCTION = Pattern.compile("func_(\\d+)\\b");

    private final String className;

    /**
     * A compiler of modules.
     *
     * @param className of the main class, and the beginning of the others' names; null for the
     *     usual one
     */
    EngineCompiler(@Nullable String className) {
        this.className = className == null ? Compiler.DEFAULT_CLASS_NAME : className;
    }

    /** The internal name of the main class. */
    String mainClass() {
        return className.replace('.', '/');
    }

    /** The name of a class with functions. */
    String groupClass(int group) {
        return className + "FuncGroup_" + group;
    }

    /** A function has no room in a Java method. */
    static final class TooLargeException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final int function;

        TooLargeException(int function) {
            super(null, null, false, false);
            this.function = function;
        }

        int function() {
            return function;
        }
    }

    /** All classes have to be made again, in another way. */
    static final class AgainException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final int functions;

        AgainException(int functions) {
            super(null, null, false, false);
            this.functions = functions;
        }

        /** For how many functions a class may have room. */
        int functions() {
            return functions;
        }
    }

    /**
     * Compiles a module.
     *
     * @param interpreted functions for which the main class calls the interpreter
     * @param perClass how many functions share a class
     * @throws TooLargeException when a function is too large
     * @throws AgainException when so many functions are too many for a class
     * @throws RuntimeException when the engine fails otherwise
     */
    CompilerResult compile(WasmModule module, Set<Integer> interpreted, int perClass) {
        try {
            return Compiler.builder(module)
                    .withClassName(className)
                    .withInterpretedFunctions(interpreted)
                    .withInterpreterFallback(InterpreterFallback.FAIL)
                    .withMaxFunctionsPerClass(perClass)
                    .withClassCollectorFactory(WithHelpers::new)
                    .build()
                    .compile();
        } catch (RuntimeException e) {
            throw sorted(e, perClass);
        }
    }

    /**
     * Compiles the functions that share one class, and nothing behind them.
     *
     * @param group which class it is of those with functions
     * @param perClass how many functions share a class
     * @return the class
     * @throws RuntimeException as {@link #compile}
     */
    byte[] group(WasmModule module, int group, Set<Integer> interpreted, int perClass) {
        String name = groupClass(group);
        try {
            Compiler.builder(module)
                    .withClassName(className)
                    .withInterpretedFunctions(interpreted)
                    .withInterpreterFallback(InterpreterFallback.FAIL)
                    .withMaxFunctionsPerClass(perClass)
                    .withClassCollectorFactory(() -> new UntilClass(name))
                    .build()
                    .compile();
            throw new IllegalStateException("compiled code without " + name);
        } catch (FoundException e) {
            return e.code;
        } catch (RuntimeException e) {
            throw sorted(e, perClass);
        }
    }

    /** A class of that name without anything in it. */
    private static byte[] empty(String name) {
        ClassWriter nothing = new ClassWriter(0);
        nothing.visit(Opcodes.V11, 0, name, null, "java/lang/Object", null);
        return nothing.toByteArray();
    }

    /**
     * Has the engine copy an empty class instead of that of its helpers, and makes the copy in a
     * quicker way.
     */
    private static final class WithHelpers extends ByteClassCollector {

        private String name = "";
        private byte[] original = new byte[0];

        @Override
        public byte[] resolve(Class<?> type) {
            name = Type.getInternalName(type);
            original = super.resolve(type);
            return empty(name);
        }

        @Override
        public void put(String copy, byte[] code) {
            super.put(
                    copy,
                    original.length > 0 && copy.endsWith(EngineCalls.HELPERS)
                            ? RenamedClass.of(
                                    original,
                                    name,
                                    copy.replace('.', '/'),
                                    Opcodes.ACC_FINAL | Opcodes.ACC_SUPER)
                            : code);
        }
    }

    /** Ends a compilation at a class. */
    private static final class UntilClass extends ByteClassCollector {
        private final String last;

        UntilClass(String last) {
            this.last = last;
        }

        /** What is copied of the helpers is thrown away. */
        @Override
        public byte[] resolve(Class<?> type) {
            return empty(Type.getInternalName(type));
        }

        @Override
        public void put(String name, byte[] code) {
            if (name.equals(last)) {
                throw new FoundException(code);
            }
            super.put(name, code);
        }
    }

    /** The class that was wanted is there. */
    private static final class FoundException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final transient byte[] code;

        FoundException(byte[] code) {
            super(null, null, false, false);
            this.code = code;
        }
    }

    /** A failure of ASM's for which there is a remedy, as what calls for it; others as they are. */
    static RuntimeException sorted(RuntimeException e, int perClass) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof ClassTooLargeException && perClass > 1) {
                return new AgainException(perClass / 2);
            }
            if (cause instanceof MethodTooLargeException large) {
                Integer function = functionIn(large.getMethodName());
                if (function != null) {
                    return new TooLargeException(function);
                }
            }
        }
        return e;
    }

    /** The function that a text names by the name of its method, or null. */
    static @Nullable Integer functionIn(String text) {
        Matcher name = FUNCTION.matcher(text);
        return name.find() ? Integer.valueOf(name.group(1)) : null;
    }
}
