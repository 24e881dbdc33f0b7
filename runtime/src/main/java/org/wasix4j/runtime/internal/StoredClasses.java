package org.wasix4j.runtime.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.AbstractMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.wasix4j.types.Nullable;

/**
 * The class files of an entry of the cache, by name, each of which is read when it is asked for. A
 * program uses some of the classes of a large module, and a start has no time for the others.
 */
final class StoredClasses extends AbstractMap<String, ByteBuffer> {

    private final EntryBytes entry;
    private final Map<String, Place> places;

    /** Where a class file is in an entry. */
    record Place(int at, int length) {}

    StoredClasses(EntryBytes entry, Map<String, Place> places) {
        this.entry = entry;
        this.places = places;
    }

    @Override
    public int size() {
        return places.size();
    }

    /** How many bytes all of them have. */
    long bytes() {
        long bytes = 0;
        for (Place place : places.values()) {
            bytes += place.length();
        }
        return bytes;
    }

    @Override
    public boolean containsKey(Object name) {
        return places.containsKey(name);
    }

    @Override
    public Set<String> keySet() {
        return places.keySet();
    }

    /**
     * A class file, or null.
     *
     * @throws UncheckedIOException when it cannot be read
     */
    @Override
    public @Nullable ByteBuffer get(Object name) {
        Place place = places.get(name);
        if (place == null) {
            return null;
        }
        try {
            return ByteBuffer.wrap(entry.read(place.at(), place.length()));
        } catch (IOException e) {
            throw new UncheckedIOException("compiled code in the cache cannot be read", e);
        }
    }

    /** All of them, which are read now. */
    @Override
    public Set<Entry<String, ByteBuffer>> entrySet() {
        Map<String, ByteBuffer> all = new LinkedHashMap<>();
        for (String name : places.keySet()) {
            all.put(name, get(name));
        }
        return all.entrySet();
    }
}
