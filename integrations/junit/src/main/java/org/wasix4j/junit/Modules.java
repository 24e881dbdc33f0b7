package org.wasix4j.junit;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.wasix4j.runtime.CodeCache;
import org.wasix4j.runtime.Engine;
import org.wasix4j.runtime.WasixModule;
import org.wasix4j.types.Nullable;

/** The modules of a test run, each compiled once, and on disk once for all runs. */
final class Modules {

    /**
     * The configuration parameter that names the folder of compiled code; {@code none} for none.
     */
    static final String CACHE = "wasix4j.cache";

    private final @Nullable CodeCache cache;
    private final Map<Key, WasixModule> loaded = new ConcurrentHashMap<>();

    /** A module by its content: two files of one name are two modules. */
    private record Key(String name, byte[] bytes) {

        @Override
        public boolean equals(Object other) {
            return other instanceof Key key
                    && name.equals(key.name)
                    && Arrays.equals(bytes, key.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }
    }

    /**
     * No modules yet.
     *
     * @param folder the value of {@link #CACHE}, or null for the user's cache folder
     */
    Modules(@Nullable String folder) {
        cache =
                "none".equals(folder)
                        ? null
                        : open(folder == null ? userFolder() : Path.of(folder));
    }

    private static Path userFolder() {
        String caches = System.getenv("XDG_CACHE_HOME");
        return caches == null || caches.isEmpty()
                ? Path.of(System.getProperty("user.home"), ".cache", "wasix4j")
                : Path.of(caches, "wasix4j");
    }

    /**
     * A folder that cannot be used is no reason to fail a test: its modules are compiled each time.
     */
    private static @Nullable CodeCache open(Path folder) {
        try {
            return CodeCache.open(folder);
        } catch (IOException e) {
            System.getLogger("org.wasix4j.junit")
                    .log(
                            System.Logger.Level.INFO,
                            "compiled code is not cached: {0}",
                            e.getMessage());
            return null;
        }
    }

    WasixModule load(String name, byte[] bytes) {
        return loaded.computeIfAbsent(
                new Key(name, bytes),
                key ->
                        cache == null
                                ? WasixModule.load(name, bytes, Engine.COMPILER)
                                : WasixModule.load(name, bytes, cache));
    }
}
