package org.wasix4j.abi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.dylibso.chicory.runtime.ByteArrayMemory;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.function.ObjIntConsumer;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.InetAddr;

/** Reading and writing at the very ends, over a memory in place and over one that is copied. */
class GuestMemoryTest {

    private static final int PAGE = Memory.PAGE_SIZE;

    /** A memory; a view of it goes on to a page more, that the guest has not got. */
    private static Memory direct(int size) {
        ByteBuffer reserved = ByteBuffer.allocateDirect(size + PAGE);
        return (Memory)
                Proxy.newProxyInstance(
                        GuestMemoryTest.class.getClassLoader(),
                        new Class<?>[] {Memory.class, DirectMemory.class},
                        (proxy, method, arguments) ->
                                switch (method.getName()) {
                                    case "view" ->
                                            reserved.duplicate().order(ByteOrder.LITTLE_ENDIAN);
                                    case "size" -> size;
                                    case "toString" -> "in place";
                                    default -> throw new AssertionError(method);
                                });
    }

    private static GuestMemory over(Memory memory) {
        return new GuestMemory(memory, AbiProfile.CURRENT);
    }

    static Stream<GuestMemory> memories() {
        return Stream.of(over(direct(PAGE)), over(new ByteArrayMemory(new MemoryLimits(1, 2))));
    }

    private static void refused(ThrowingCallable access) {
        assertThatThrownBy(access).isSameAs(Errno.FAULT.exception());
    }

    @ParameterizedTest
    @MethodSource("memories")
    void the_last_bytes_can_be_used_and_not_one_more(GuestMemory memory) {
        assertThat(memory.size()).isEqualTo(PAGE);
        memory.writeI64(PAGE - 8, 0x8877665544332211L);
        assertThat(memory.readI64(PAGE - 8)).isEqualTo(0x8877665544332211L);
        assertThat(memory.readI32(PAGE - 4)).isEqualTo(0x88776655);
        assertThat(memory.readU16(PAGE - 2)).isEqualTo(0x8877);
        assertThat(memory.readU8(PAGE - 1)).isEqualTo(0x88);
        memory.writeI32(PAGE - 4, 0xa4a3a2a1);
        memory.writeU16(PAGE - 2, 0x1b2b1);
        memory.writeU8(PAGE - 1, 0x1c1);
        assertThat(memory.readBytes(PAGE - 4, 4)).containsExactly(0xa1, 0xa2, 0xb1, 0xc1);
        memory.writeBytes(PAGE - 2, new byte[] {1, 2});
        assertThat(memory.readU16(PAGE - 2)).isEqualTo(0x0201);

        refused(() -> memory.readI64(PAGE - 7));
        refused(() -> memory.readI32(PAGE - 3));
        refused(() -> memory.readU16(PAGE - 1));
        refused(() -> memory.readU8(PAGE));
        refused(() -> memory.writeI64(PAGE - 7, 0));
        refused(() -> memory.writeI32(PAGE - 3, 0));
        refused(() -> memory.writeU16(PAGE - 1, 0));
        refused(() -> memory.writeU8(PAGE, 0));
        refused(() -> memory.readBytes(PAGE - 1, 2));
        refused(() -> memory.writeBytes(PAGE - 1, new byte[2]));
        assertThat(memory.readU16(PAGE - 2)).isEqualTo(0x0201);
    }

    @ParameterizedTest
    @MethodSource("memories")
    void a_range_does_not_wrap_around(GuestMemory memory) {
        memory.check(PAGE, 0);
        memory.check(0, PAGE);
        memory.check(0, PAGE / 8, 8);
        refused(() -> memory.check(0, PAGE / 8 + 1, 8));
        refused(() -> memory.check(PAGE + 1, 0));
        refused(() -> memory.check(0, -1L));
        refused(() -> memory.check(-1, 0));
        refused(() -> memory.check(-1, 2));
        refused(() -> memory.check(0, -1, 48));
        refused(() -> memory.readBytes(8, -8));
        refused(() -> memory.readPath(0, -1));
    }

    @ParameterizedTest
    @MethodSource("memories")
    void a_path_is_at_most_4096_bytes_of_utf_8_without_nul(GuestMemory memory) {
        memory.writeBytes(0, "x".repeat(4097).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(memory.readPath(0, 4096)).hasSize(4096);
        assertThatThrownBy(() -> memory.readPath(0, 4097)).isSameAs(Errno.NAMETOOLONG.exception());
        refused(() -> memory.readPath(PAGE - 4096, 4097));
        memory.writeU8(2, 0);
        assertThat(memory.readPath(0, 2)).isEqualTo("xx");
        assertThatThrownBy(() -> memory.readPath(0, 3)).isSameAs(Errno.INVAL.exception());
        memory.writeU8(2, 0xc3);
        assertThatThrownBy(() -> memory.readText(0, 3)).isSameAs(Errno.ILSEQ.exception());
        assertThat(memory.readPath(0, 3)).hasSize(3);
    }

    @ParameterizedTest
    @MethodSource("memories")
    void a_scattered_read_comes_home_and_leaves_out_what_is_empty(GuestMemory memory) {
        IoVecs vectors = new IoVecs(memory);
        for (int entries : List.of(1024, 3)) {
            for (int i = 0; i < entries; i++) {
                memory.writeI32(8 * i, 16_000 + 10 * i);
                memory.writeI32(8 * i + 4, i == 1 ? 0 : 2);
            }
            vectors.forRead(0, entries);
            assertThat(vectors.count()).isEqualTo(entries - 1);
            assertThat(vectors.total()).isEqualTo(2L * (entries - 1));
        }
        vectors.buffers()[0].put((byte) 1).put((byte) 2);
        vectors.buffers()[1].put((byte) 3);
        vectors.finishRead();
        assertThat(memory.readBytes(16_000, 3)).containsExactly(1, 2, 0);
        assertThat(memory.readBytes(16_020, 2)).containsExactly(3, 0);
        // not what the buffers still hold of the read
        memory.writeBytes(16_000, new byte[] {7, 8});
        memory.writeBytes(16_020, new byte[] {9, 10});
        assertThat(vectors.forWrite(0, 3)).isSameAs(vectors);
        byte[] gathered = new byte[4];
        vectors.buffers()[0].get(gathered, 0, 2);
        vectors.buffers()[1].get(gathered, 2, 2);
        assertThat(gathered).containsExactly(7, 8, 9, 10);
        assertThat(vectors.buffers()[0].hasRemaining()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("memories")
    void a_list_has_at_most_1024_entries_that_all_lie_inside(GuestMemory memory) {
        IoVecs vectors = new IoVecs(memory);
        assertThat(vectors.forRead(0, 1024).count()).isZero();
        assertThatThrownBy(() -> vectors.forRead(0, 1025)).isSameAs(Errno.INVAL.exception());
        assertThatThrownBy(() -> vectors.forRead(0, -1)).isSameAs(Errno.INVAL.exception());
        assertThat(vectors.forRead(PAGE - 16, 2).count()).isZero();
        refused(() -> vectors.forRead(PAGE - 16, 3));
        memory.writeI32(0, PAGE - 1);
        memory.writeI32(4, 1);
        assertThat(vectors.forRead(0, 1).total()).isEqualTo(1);
        memory.writeI32(4, 2);
        refused(() -> vectors.forRead(0, 1));
        memory.writeI32(4, Integer.MAX_VALUE);
        refused(() -> vectors.forRead(0, 1));
        memory.writeI32(4, -1);
        assertThatThrownBy(() -> vectors.forRead(0, 1)).isSameAs(Errno.INVAL.exception());
    }

    @ParameterizedTest
    @MethodSource("memories")
    void a_list_without_entries_is_empty(GuestMemory memory) {
        IoVecs vectors = new IoVecs(memory);
        assertThat(vectors.forRead(PAGE, 0).count()).isZero();
        assertThat(vectors.forWrite(0, 0).total()).isZero();
        vectors.finishRead();
    }

    @ParameterizedTest
    @MethodSource("memories")
    void a_shorter_list_knows_nothing_of_the_longer_one_before(GuestMemory memory) {
        IoVecs vectors = new IoVecs(memory);
        list(memory, 16_000, 1, 16_001, 1);
        vectors.forRead(0, 2).buffers()[1].put((byte) 1);
        vectors.finishRead();
        list(memory, 16_000, 1);
        vectors.forRead(0, 1);
        memory.writeU8(16_001, 7);
        vectors.finishRead();
        assertThat(memory.readU8(16_001)).isEqualTo(7);
    }

    @ParameterizedTest
    @MethodSource("memories")
    void a_longer_list_has_room_after_a_shorter_one(GuestMemory memory) {
        IoVecs vectors = new IoVecs(memory);
        list(memory, 16_000, 1);
        vectors.forRead(0, 1);
        list(memory, 16_000, 40_000);
        memory.writeU8(55_999, 7);
        ByteBuffer buffer = vectors.forWrite(0, 1).buffers()[0];
        assertThat(buffer.remaining()).isEqualTo(40_000);
        assertThat(buffer.get(buffer.limit() - 1)).isEqualTo((byte) 7);
    }

    @Test
    void what_is_read_in_place_is_there_at_once() {
        GuestMemory memory = over(direct(PAGE));
        list(memory, 16_000, 1);
        new IoVecs(memory).forRead(0, 1).buffers()[0].put((byte) 7);
        assertThat(memory.readU8(16_000)).isEqualTo(7);
    }

    @Test
    void a_list_has_less_than_2_to_the_31_bytes_in_place() {
        int size = 1 << 21;
        GuestMemory memory = over(direct(size));
        for (int i = 0; i < 1024; i++) {
            memory.writeI32(8 * i, 0);
            memory.writeI32(8 * i + 4, size);
        }
        IoVecs vectors = new IoVecs(memory);
        assertThatThrownBy(() -> vectors.forWrite(0, 1024)).isSameAs(Errno.INVAL.exception());
        memory.writeI32(4, size - 1);
        assertThat(vectors.forWrite(0, 1024).total()).isEqualTo(Integer.MAX_VALUE);
    }

    /** Else a guest with a page could have the host copy a thousand. */
    @Test
    void a_list_that_is_copied_has_no_more_bytes_than_the_memory() {
        GuestMemory memory = over(new ByteArrayMemory(new MemoryLimits(1, 2)));
        IoVecs vectors = new IoVecs(memory);
        list(memory, 0, PAGE - 10, 0, 10);
        assertThat(vectors.forWrite(0, 2).total()).isEqualTo(PAGE);
        list(memory, 0, PAGE - 10, 0, 11);
        assertThatThrownBy(() -> vectors.forWrite(0, 2)).isSameAs(Errno.INVAL.exception());
    }

    /** Writes pairs of address and length to 0. */
    private static void list(GuestMemory memory, int... addressesAndLengths) {
        for (int i = 0; i < addressesAndLengths.length; i++) {
            memory.writeI32(4 * i, addressesAndLengths[i]);
        }
    }

    /** Something that writes a record of a size. */
    private record Writer(int size, ObjIntConsumer<GuestMemory> write) {}

    private static List<Writer> writers() {
        AbiProfile current = AbiProfile.CURRENT;
        AbiProfile snapshot0 = AbiProfile.PREVIEW1.asSnapshot0();
        StatCodec.Filestat stat = new StatCodec.Filestat(1, 2, 3, 4, 5, 6, 7, 8);
        InetAddr four = InetAddr.any(AddressFamily.INET4, 1);
        InetAddr six = InetAddr.any(AddressFamily.INET6, 1);
        StringList strings = new StringList(List.of(new byte[] {'a', 'b'}, new byte[] {'c'}));
        return List.of(
                new Writer(8, (m, at) -> AddrCodec.write(m, at, four, current, false)),
                new Writer(28, (m, at) -> AddrCodec.write(m, at, six, current, false)),
                new Writer(20, (m, at) -> AddrCodec.write(m, at, six, AbiProfile.LEGACY, false)),
                new Writer(8, (m, at) -> AddrCodec.check(m, at, AddressFamily.INET4, current)),
                new Writer(28, (m, at) -> AddrCodec.check(m, at, AddressFamily.INET6, current)),
                new Writer(8, (m, at) -> FileCodec.writePrestat(m, at, 1)),
                new Writer(24, (m, at) -> StatCodec.writeFdstat(m, at, 1, 2, 3, 4)),
                new Writer(64, (m, at) -> StatCodec.writeFilestat(m, at, stat, current)),
                new Writer(56, (m, at) -> StatCodec.writeFilestat(m, at, stat, snapshot0)),
                new Writer(16, (m, at) -> OptionTimestamp.write(m, at, 1)),
                new Writer(24, (m, at) -> TtyCodec.write(m, at, true, true, true)),
                new Writer(4, (m, at) -> strings.writeSizes(m, 0, at)),
                new Writer(4, (m, at) -> strings.writeSizes(m, at, 0)),
                new Writer(8, (m, at) -> strings.write(m, at, 0)),
                new Writer(5, (m, at) -> strings.write(m, 0, at)));
    }

    @ParameterizedTest
    @MethodSource("memories")
    void a_record_that_does_not_fit_is_not_begun(GuestMemory memory) {
        byte[] before = new byte[64];
        Arrays.fill(before, (byte) 0x55);
        for (Writer writer : writers()) {
            memory.writeBytes(PAGE - 64, before);
            memory.writeBytes(0, before);
            refused(() -> writer.write.accept(memory, PAGE - writer.size + 1));
            assertThat(memory.readBytes(PAGE - 64, 64)).isEqualTo(before);
            assertThat(memory.readBytes(0, 64)).isEqualTo(before);
            writer.write.accept(memory, PAGE - writer.size);
        }
    }

    @ParameterizedTest
    @MethodSource("memories")
    void an_optional_time_lies_inside_with_all_its_bytes(GuestMemory memory) {
        memory.writeI64(PAGE - 8, 0);
        memory.writeI64(PAGE - 16, 0);
        assertThat(OptionTimestamp.read(memory, PAGE - 16)).isEqualTo(OptionTimestamp.NONE);
        refused(() -> OptionTimestamp.read(memory, PAGE - 15));
    }

    @Test
    void a_guest_without_the_additions_of_wasix_gets_fault() {
        GuestMemory memory =
                new GuestMemory(new ByteArrayMemory(new MemoryLimits(1, 1)), AbiProfile.PREVIEW1);
        assertThatThrownBy(() -> memory.readU8(PAGE)).isSameAs(Errno.FAULT.exception());
    }
}
