package org.wasix4j.runtime.internal;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.wasix4j.system.thread.StackRoom;

/**
 * Sees the engine's classes, what compiled code calls, and the compiled ones; of {@link
 * GuestAccess} it may have a copy of its own ({@link AccessCopies}). The JVM gets each compiled
 * class when it asks for it: a program uses some of the classes of a large module, and to define
 * all of them took half of its start. Several threads define classes at once, so it has no lock on
 * itself.
 */
class CodeLoader extends ClassLoader {

    static {
        registerAsParallelCapable();
    }

    /** Those in memory go when the JVM has them; those in a file stay. */
    private volatile Map<String, ByteBuffer> ready = Map.of();

    CodeLoader(ClassLoader parent) {
        super(parent);
        CompiledCode.open(getUnnamedModule());
    }

    /** Has some classes from now on. */
    final void provide(Map<String, ByteBuffer> classes) {
        ready = classes instanceof StoredClasses ? classes : new ConcurrentHashMap<>(classes);
    }

    /** Has the JVM verify a class, so that its first call need not. */
    final void link(String name) {
        try {
            Class.forName(name, true, this);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("compiled code without one of its classes", e);
        }
    }

    /** Whether a class can be defined at once, or was. */
    final boolean isReady(String name) {
        return ready.containsKey(name);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (name.equals(AccessCopies.NAME)) {
            return access(resolve);
        }
        if (!isReady(name)) {
            return super.loadClass(name, resolve);
        }
        // a guest decides how deep its stack is when it calls a function of a class first
        StackRoom.require(1);
        synchronized (getClassLoadingLock(name)) {
            Class<?> known = findLoadedClass(name);
            ByteBuffer code = known != null ? null : ready.get(name);
            return code != null ? define(name, code) : super.loadClass(name, resolve);
        }
    }

    /** The copy of the class, or that of all modules. */
    private Class<?> access(boolean resolve) throws ClassNotFoundException {
        StackRoom.require(1);
        synchronized (getClassLoadingLock(AccessCopies.NAME)) {
            Class<?> known = findLoadedClass(AccessCopies.NAME);
            ByteBuffer code = known != null ? null : AccessCopies.code();
            if (code != null) {
                return defineClass(AccessCopies.NAME, code, null);
            }
            return known != null ? known : super.loadClass(AccessCopies.NAME, resolve);
        }
    }

    private Class<?> define(String name, ByteBuffer code) {
        Class<?> defined = defineClass(name, code.duplicate(), null);
        if (!(ready instanceof StoredClasses)) {
            ready.remove(name);
        }
        return defined;
    }
}
