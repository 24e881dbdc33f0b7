package org.wasix4j.runtime.internal;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.internal.ByteClassCollector;
import com.dylibso.chicory.compiler.internal.Compiler;
import com.dylibso.chicory.compiler.internal.CompilerResult;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.WasmModule;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The Java classes that a module was compiled to.
 *
 * <p>The engine's compiler is called behind its public face, which tells neither the classes nor
 * the functions that it left to the interpreter.
 *
 * @param mainClass the name of the class that is made for each instance
 * @param classes the class files, by name
 * @param interpreted the functions that are too large for a method of Java and are interpreted: for
 *     these the module needs the code itself
 */
record CompiledCode(String mainClass, Map<String, ByteBuffer> classes, Set<Integer> interpreted) {

    /**
     * So many functions share a class. The JVM verifies a class when it is first used, so that code
     * which is not used costs nothing when there are several.
     */
    private static final int FUNCTIONS_PER_CLASS = 512;

    /**
     * Compiles a module.
     *
     * @param helpers functions that the rewriter appended, by number, with their names
     */
    static CompiledCode of(WasmModule module, Map<Integer, String> helpers) {
        return of(module, helpers, Set.of());
    }

    /** Compiles a module but for some functions, which are interpreted. */
    static CompiledCode of(
            WasmModule module, Map<Integer, String> helpers, Set<Integer> interpreted) {
        return of(module, helpers, interpreted, null);
    }

    /**
     * Compiles a module.
     *
     * @param interpreted functions that are not compiled; without any, those that cannot be
     * @param className of the main class, and the beginning of the others' names; null for the
     *     usual one
     */
    static CompiledCode of(
            WasmModule module,
            Map<Integer, String> helpers,
            Set<Integer> interpreted,
            String className) {
        Map<String, String> methods = HelperCalls.methods(helpers);
        // the compiler names some classes with slashes and some with dots
        Map<String, ByteBuffer> classes = new LinkedHashMap<>();
        Compiler.Builder compiler =
                Compiler.builder(module)
                        .withInterpretedFunctions(interpreted)
                        .withInterpreterFallback(
                                interpreted.isEmpty()
                                        ? InterpreterFallback.SILENT
                                        : InterpreterFallback.FAIL)
                        .withMaxFunctionsPerClass(FUNCTIONS_PER_CLASS)
                        .withClassCollectorFactory(ByteClassCollector::new);
        if (className != null) {
            compiler.withClassName(className);
        }
        CompilerResult result = compiler.build().compile();
        result.classBytes()
                .forEach(
                        (name, code) ->
                                classes.put(
                                        name.replace('/', '.'),
                                        ByteBuffer.wrap(tune(code, methods, result))));
        return new CompiledCode(
                result.collector().mainClassName(), classes, result.interpretedFunctions());
    }

    private static byte[] tune(byte[] code, Map<String, String> helpers, CompilerResult result) {
        byte[] tuned = CodeTuner.tune(code, helpers);
        return result.interpretedFunctions().isEmpty() ? tuned : InterpreterCode.use(tuned);
    }

    /**
     * Gives the classes to the JVM, in a loader of their own.
     *
     * @param verify whether all of them are verified now; else each is when it is first used
     * @return makes the machine of an instance
     * @throws LinkageError when they are none
     */
    Function<Instance, Machine> define(boolean verify) {
        Loader loader =
                new Loader(
                        interpreted.isEmpty()
                                ? CompiledCode.class.getClassLoader()
                                : InterpreterCode.loader());
        for (Map.Entry<String, ByteBuffer> entry : classes.entrySet()) {
            loader.define(entry.getKey(), entry.getValue());
        }
        try {
            if (verify) {
                for (String name : classes.keySet()) {
                    Class.forName(name, true, loader);
                }
            }
            return machines(Class.forName(mainClass, true, loader).asSubclass(Machine.class));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("compiled code without its main class", e);
        }
    }

    /** Makes the machines of instances; {@link GuestCode} is opened to the class. */
    static Function<Instance, Machine> machines(Class<? extends Machine> mainClass)
            throws ReflectiveOperationException {
        Module own = CompiledCode.class.getModule();
        own.addExports(CompiledCode.class.getPackageName(), mainClass.getModule());
        Constructor<? extends Machine> constructor = mainClass.getConstructor(Instance.class);
        return instance -> machine(constructor, instance);
    }

    private static Machine machine(Constructor<? extends Machine> constructor, Instance instance) {
        try {
            return constructor.newInstance(instance);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (e.getCause() instanceof Error cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sees the engine's classes, {@link GuestCode} and the compiled ones. */
    private static final class Loader extends ClassLoader {

        Loader(ClassLoader parent) {
            super(parent);
            Module own = CompiledCode.class.getModule();
            own.addExports(CompiledCode.class.getPackageName(), getUnnamedModule());
        }

        void define(String name, ByteBuffer code) {
            defineClass(name, code.duplicate(), null);
        }
    }
}
