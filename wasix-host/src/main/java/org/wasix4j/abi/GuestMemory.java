package org.wasix4j.abi;

import com.dylibso.chicory.runtime.Memory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.PathText;

/**
 * A guest's linear memory as one thread of the host reads and writes it. Every access is checked
 * against the present size; an address is an unsigned 32-bit number in an int.
 *
 * <p>All methods throw the profile's error for a bad pointer, {@code memviolation} or {@code
 * fault}, when any byte lies outside.
 */
public final class GuestMemory {

    /** The longest path or name that a guest may hand over, PATH_MAX of Linux. */
    public static final int MAX_PATH = 4096;

    private final @Nullable Memory memory;
    private final @Nullable DirectMemory direct;

    /** What the bytes are accessed by; null where that is the engine's memory. */
    private final @Nullable ByteBuffer view;

    private final AbiProfile profile;

    /**
     * A view for the calling thread.
     *
     * @param memory null when the guest has none: then every pointer is a bad one
     */
    public GuestMemory(@Nullable Memory memory, AbiProfile profile) {
        this.memory = memory;
        this.direct = memory instanceof DirectMemory d ? d : null;
        this.view =
                memory == null
                        ? ByteBuffer.allocate(0)
                        : direct == null ? null : direct.view().order(ByteOrder.LITTLE_ENDIAN);
        this.profile = profile;
    }

    /** The engine's memory under this view; null when the guest has none. */
    public @Nullable Memory memory() {
        return memory;
    }

    /** The engine's memory, where there is no view of it. */
    private Memory engine() {
        return Objects.requireNonNull(memory);
    }

    /** The engine's memory when channels can use it in place, else null. */
    @Nullable
    DirectMemory direct() {
        return direct;
    }

    /** The present size in bytes. */
    public long size() {
        if (memory == null) {
            return 0;
        }
        return direct != null ? direct.size() : (long) memory.pages() * Memory.PAGE_SIZE;
    }

    /** Checks that a range lies inside. */
    public void check(int address, long length) {
        long start = Integer.toUnsignedLong(address);
        if (length < 0 || start + length > size()) {
            throw profile.badPointer().exception();
        }
    }

    /** Checks that an array lies inside. */
    public void check(int address, int count, int elementSize) {
        check(address, Integer.toUnsignedLong(count) * elementSize);
    }

    public int readU8(int address) {
        check(address, 1);
        return (view != null ? view.get(address) : engine().read(address)) & 0xff;
    }

    public int readU16(int address) {
        check(address, 2);
        return (view != null ? view.getShort(address) : engine().readShort(address)) & 0xffff;
    }

    public int readI32(int address) {
        check(address, 4);
        return view != null ? view.getInt(address) : engine().readInt(address);
    }

    public long readI64(int address) {
        check(address, 8);
        return view != null ? view.getLong(address) : engine().readLong(address);
    }

    public void writeU8(int address, int value) {
        check(address, 1);
        if (view != null) {
            view.put(address, (byte) value);
        } else {
            engine().writeByte(address, (byte) value);
        }
    }

    public void writeU16(int address, int value) {
        check(address, 2);
        if (view != null) {
            view.putShort(address, (short) value);
        } else {
            engine().writeShort(address, (short) value);
        }
    }

    public void writeI32(int address, int value) {
        check(address, 4);
        if (view != null) {
            view.putInt(address, value);
        } else {
            engine().writeI32(address, value);
        }
    }

    public void writeI64(int address, long value) {
        check(address, 8);
        if (view != null) {
            view.putLong(address, value);
        } else {
            engine().writeLong(address, value);
        }
    }

    /** A copy of a range. */
    public byte[] readBytes(int address, int length) {
        check(address, Integer.toUnsignedLong(length));
        byte[] bytes = new byte[length];
        if (view != null) {
            view.get(address, bytes);
            return bytes;
        }
        return engine().readBytes(address, length);
    }

    /** Copies bytes in. */
    public void writeBytes(int address, byte[] bytes) {
        check(address, bytes.length);
        if (view != null) {
            view.put(address, bytes);
        } else {
            engine().write(address, bytes);
        }
    }

    /**
     * A path, any bytes without a terminating NUL; {@link PathText} gets the bytes back.
     *
     * @throws org.wasix4j.types.ErrnoException nametoolong over {@link #MAX_PATH} bytes, inval when
     *     it contains NUL
     */
    public String readPath(int address, int length) {
        return PathText.decode(readName(address, length));
    }

    /**
     * A name, as UTF-8 without a terminating NUL.
     *
     * @throws org.wasix4j.types.ErrnoException nametoolong over {@link #MAX_PATH} bytes, ilseq when
     *     it is not UTF-8, inval when it contains NUL
     */
    public String readText(int address, int length) {
        byte[] bytes = readName(address, length);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw Errno.ILSEQ.exception();
        }
    }

    private byte[] readName(int address, int length) {
        if (Integer.compareUnsigned(length, MAX_PATH) > 0) {
            check(address, Integer.toUnsignedLong(length));
            throw Errno.NAMETOOLONG.exception();
        }
        byte[] bytes = readBytes(address, length);
        for (byte b : bytes) {
            if (b == 0) {
                throw Errno.INVAL.exception();
            }
        }
        return bytes;
    }
}
