package org.wasix4j.hostile;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.types.DataSegment;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.wasix4j.abi.DirectMemory;

/** A memory that channels can use in place, as the runtime's is, without code that runs on it. */
public final class PlainDirectMemory implements Memory, DirectMemory {

    private final ByteBuffer bytes;
    private final int pages;

    PlainDirectMemory(MemoryLimits limits) {
        this(ByteBuffer.allocateDirect(limits.initialPages() * PAGE_SIZE));
    }

    /** A memory of these bytes, of which there are whole pages. */
    public PlainDirectMemory(ByteBuffer bytes) {
        this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
        pages = bytes.capacity() / PAGE_SIZE;
    }

    @Override
    public ByteBuffer view() {
        return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public int size() {
        return bytes.capacity();
    }

    @Override
    public int pages() {
        return pages;
    }

    @Override
    public int initialPages() {
        return pages;
    }

    @Override
    public int maximumPages() {
        return pages;
    }

    @Override
    public int grow(int size) {
        return -1;
    }

    @Override
    public boolean shared() {
        return false;
    }

    @Override
    public Object lock(int address) {
        return this;
    }

    @Override
    public int waitOn(int address, int expected, long timeout) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int waitOn(int address, long expected, long timeout) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int notify(int address, int maxThreads) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void initialize(Instance instance, DataSegment[] segments) {}

    @Override
    public void initPassiveSegment(int segment, int dest, int offset, int size) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void write(int address, byte[] data, int offset, int size) {
        bytes.put(address, data, offset, size);
    }

    @Override
    public byte read(int address) {
        return bytes.get(address);
    }

    @Override
    public byte[] readBytes(int address, int length) {
        byte[] copy = new byte[length];
        bytes.get(address, copy);
        return copy;
    }

    @Override
    public void writeI32(int address, int value) {
        bytes.putInt(address, value);
    }

    @Override
    public int readInt(int address) {
        return bytes.getInt(address);
    }

    @Override
    public void writeLong(int address, long value) {
        bytes.putLong(address, value);
    }

    @Override
    public long readLong(int address) {
        return bytes.getLong(address);
    }

    @Override
    public void writeShort(int address, short value) {
        bytes.putShort(address, value);
    }

    @Override
    public short readShort(int address) {
        return bytes.getShort(address);
    }

    @Override
    public long readU16(int address) {
        return bytes.getShort(address) & 0xffff;
    }

    @Override
    public void writeByte(int address, byte value) {
        bytes.put(address, value);
    }

    @Override
    public void writeF32(int address, float value) {
        bytes.putFloat(address, value);
    }

    @Override
    public long readF32(int address) {
        return bytes.getInt(address);
    }

    @Override
    public float readFloat(int address) {
        return bytes.getFloat(address);
    }

    @Override
    public void writeF64(int address, double value) {
        bytes.putDouble(address, value);
    }

    @Override
    public double readDouble(int address) {
        return bytes.getDouble(address);
    }

    @Override
    public long readF64(int address) {
        return bytes.getLong(address);
    }

    @Override
    public void zero() {
        // fresh direct memory is zeros, and nothing here reads another's
    }

    @Override
    public void fill(byte value, int fromIndex, int toIndex) {
        for (int i = fromIndex; i < toIndex; i++) {
            bytes.put(i, value);
        }
    }

    @Override
    public void drop(int segment) {}
}
