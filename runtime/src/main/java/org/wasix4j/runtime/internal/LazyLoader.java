package org.wasix4j.runtime.internal;

import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.wasix4j.system.thread.StackRoom;
import org.wasix4j.types.Nullable;

/**
 * The class loader of a module whose classes are compiled when they are asked for. A class that is
 * not there is defined by a thread that compiles; who asks for it waits for that.
 */
final class LazyLoader extends CodeLoader {

    static {
        registerAsParallelCapable();
    }

    private static final String GROUP = "FuncGroup_";

    /** The name of the main class. */
    private final String mainClass;

    /** Set by {@link #serve} before any class is asked for. */
    @SuppressWarnings("NullAway.Init")
    private volatile LazyCode code;

    /** What functions are called by that the main class does not list. */
    private final Map<Integer, Method> entries = new ConcurrentHashMap<>();

    LazyLoader(String mainClass) {
        super(CompiledCode.class.getClassLoader());
        this.mainClass = mainClass;
    }

    /** Has classes from now on that are missing. */
    void serve(LazyCode missing) {
        code = missing;
    }

    /** What it has its classes from. */
    LazyCode code() {
        return code;
    }

    /** Which group of functions a class is, or -1. */
    int group(String name) {
        int start = mainClass.length();
        if (name.length() <= start + GROUP.length()
                || !name.startsWith(mainClass)
                || !name.startsWith(GROUP, start)) {
            return -1;
        }
        int group = 0;
        for (int i = start + GROUP.length(); i < name.length(); i++) {
            int digit = name.charAt(i) - '0';
            if (digit < 0 || digit > 9 || group > 1_000_000) {
                return -1;
            }
            group = 10 * group + digit;
        }
        return group;
    }

    /** What an unlisted function was called by, or null ({@link UnlistedFunctions}). */
    @Nullable
    Method entry(int function) {
        return entries.get(function);
    }

    /** Remembers what a function is called by. */
    void keep(int function, Method entry) {
        entries.put(function, entry);
    }

    /** Gives a class to the JVM. */
    void define(String name, ByteBuffer code) {
        if (findLoadedClass(name) == null) {
            defineClass(name, code.duplicate(), null);
        }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        int group = group(name);
        if (group < 0 || isReady(name)) {
            return super.loadClass(name, resolve);
        }
        Class<?> known = findLoadedClass(name);
        if (known != null) {
            return known;
        }
        // an overflow in the middle of what follows could leave a lock locked
        StackRoom.require(1);
        code.require(group);
        return findLoadedClass(name);
    }
}
