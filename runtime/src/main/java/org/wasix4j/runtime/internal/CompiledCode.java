package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.wasix4j.runtime.internal.link.ModuleTargets;
import org.wasix4j.runtime.internal.link.Reflected;
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

    /** So many bytes are read at once, and need no open file. */
    private static final int SMALL = 512 << 10;

    /** The same; the classes are in memory when there is little of them. */
    CompiledCode small() {
        return classes instanceof StoredClasses stored && stored.bytes() <= SMALL
                ? new CompiledCode(mainClass, new TreeMap<>(stored), interpreted)
                : this;
    }

    /**
     * Makes a loader that has the classes.
     *
     * @param verify whether all of them are given to the JVM and verified now; else each is when it
     *     is first used
     * @return makes the machine of an instance
     * @throws LinkageError when they are none
     */
    Function<Instance, Machine> define(boolean verify) {
        CodeLoader loader =
                new CodeLoader(
                        interpreted.isEmpty()
                                ? CompiledCode.class.getClassLoader()
                                : InterpreterCode.loader());
        loader.provide(classes);
        try {
            if (verify) {
                Workers.run(
                        classes.keySet().stream()
                                .<Runnable>map(name -> () -> loader.link(name))
                                .toList(),
                        new Loading(0, null));
            }
            return machines(Class.forName(mainClass, true, loader).asSubclass(Machine.class));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("compiled code without its main class", e);
        }
    }

    /** Makes the machines of instances; what the class calls is opened to it. */
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
                                                    instance, new TargetCode(mainClass))));
            return machine;
        };
    }

    /**
     * Has the JVM verify a class, and forgets it.
     *
     * @throws LinkageError when the JVM refuses it
     */
    static void verify(String name, byte[] code) {
        CodeLoader loader = new CodeLoader(CompiledCode.class.getClassLoader());
        loader.provide(Map.of(name, ByteBuffer.wrap(code)));
        loader.link(name);
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
            throw Reflected.thrown(e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
