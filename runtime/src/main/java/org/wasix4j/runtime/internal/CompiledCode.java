package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.wasix4j.runtime.internal.link.ModuleTargets;
import org.wasix4j.runtime.internal.link.TypedMachine;

/**
 * The Java classes that a module was compiled to.
 *
 * @param mainClass the name of the class that is made for each instance
 * @param classes the class files, by name
 * @param interpreted the functions that are too large for a method of Java and are interpreted: for
 *     these the module needs the code itself
 */
record CompiledCode(String mainClass, Map<String, ByteBuffer> classes, Set<Integer> interpreted) {

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
                Workers.run(
                        classes.keySet().stream()
                                .<Runnable>map(name -> () -> loader.verify(name))
                                .toList(),
                        new Loading(0, null));
            }
            return machines(Class.forName(mainClass, true, loader).asSubclass(Machine.class));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("compiled code without its main class", e);
        }
    }

    /** Makes the machines of instances; {@link GuestCode} is opened to the class. */
    static Function<Instance, Machine> machines(Class<? extends Machine> mainClass)
            throws ReflectiveOperationException {
        open(mainClass.getModule());
        Constructor<? extends Machine> constructor = mainClass.getConstructor(Instance.class);
        if (!TypedMachine.class.isAssignableFrom(mainClass)) {
            return instance -> machine(constructor, instance);
        }
        AtomicReference<ModuleTargets> targets = new AtomicReference<>();
        return instance -> {
            TypedMachine machine = (TypedMachine) machine(constructor, instance);
            machine.describe(
                    targets.updateAndGet(
                            known ->
                                    known != null
                                            ? known
                                            : new ModuleTargets(
                                                    instance.module(), new TargetCode(mainClass))));
            return machine;
        };
    }

    /**
     * Has the JVM verify a class, and forgets it.
     *
     * @throws LinkageError when the JVM refuses it
     */
    static void verify(String name, byte[] code) {
        Loader loader = new Loader(CompiledCode.class.getClassLoader());
        loader.define(name, ByteBuffer.wrap(code));
        loader.verify(name);
    }

    /** What compiled code calls is opened to it. */
    static void open(Module compiled) {
        Module own = CompiledCode.class.getModule();
        own.addExports(CompiledCode.class.getPackageName(), compiled);
        own.addExports(TypedMachine.class.getPackageName(), compiled);
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
            open(getUnnamedModule());
        }

        void verify(String name) {
            try {
                Class.forName(name, true, this);
            } catch (ClassNotFoundException e) {
                throw new IllegalStateException("compiled code without one of its classes", e);
            }
        }

        void define(String name, ByteBuffer code) {
            defineClass(name, code.duplicate(), null);
        }
    }
}
