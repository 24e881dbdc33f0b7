package org.wasix4j.fuzz;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.dylibso.chicory.runtime.ByteArrayMemory;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.util.Arrays;
import java.util.List;
import org.wasix4j.abi.AddrCodec;
import org.wasix4j.abi.EpollCodec;
import org.wasix4j.abi.FileCodec;
import org.wasix4j.abi.GuestMemory;
import org.wasix4j.abi.IoVecs;
import org.wasix4j.abi.OptionTimestamp;
import org.wasix4j.abi.PollCodec;
import org.wasix4j.abi.StatCodec;
import org.wasix4j.abi.StringList;
import org.wasix4j.abi.TtyCodec;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.SocketAddr;
import org.wasix4j.types.UnixAddr;

/** Every codec at any address of any memory: a value or an errno, and no byte beside the record. */
class CodecFuzzTest {

    private static final int SIZE = 65536;
    private static final List<AbiProfile> PROFILES =
            List.of(
                    AbiProfile.CURRENT,
                    AbiProfile.LEGACY,
                    AbiProfile.PREVIEW1,
                    AbiProfile.PREVIEW1.asSnapshot0());

    private final ByteArrayMemory bytes = new ByteArrayMemory(new MemoryLimits(1, 1));

    @FuzzTest(maxDuration = "60s")
    void codecs_answer_values_or_errnos(FuzzedDataProvider data) {
        AbiProfile profile = data.pickValue(PROFILES);
        int codec = data.consumeInt(0, 14);
        int at = data.consumeBoolean() ? data.consumeInt(0, SIZE) : data.consumeInt();
        int number = data.consumeInt();
        long large = data.consumeLong();
        byte[] content = data.consumeRemainingAsBytes();
        bytes.zero();
        int start = Math.max(0, Math.min(at < 0 ? 0 : at, SIZE - content.length));
        if (content.length <= SIZE) {
            bytes.write(start, content);
        }
        GuestMemory memory = new GuestMemory(bytes, profile);
        byte[] before = bytes.readBytes(0, SIZE);
        int room = 0;
        try {
            room = use(codec, memory, profile, at, number, large, content);
        } catch (ErrnoException e) {
            // what it may do; some bytes of the record may have been written
            room = 128 + content.length * 5;
        }
        byte[] after = bytes.readBytes(0, SIZE);
        int first = Math.max(0, Math.min(at, SIZE));
        int end = (int) Math.max(first, Math.min(SIZE, at + (long) room));
        if (!Arrays.equals(before, 0, first, after, 0, first)
                || !Arrays.equals(before, end, SIZE, after, end, SIZE)) {
            throw new AssertionError(
                    "codec "
                            + codec
                            + " wrote at "
                            + Arrays.mismatch(before, after)
                            + ", record at "
                            + at);
        }
    }

    /** Uses a codec; how many bytes from {@code at} on it may have written. */
    private static int use(
            int codec,
            GuestMemory memory,
            AbiProfile profile,
            int at,
            int number,
            long large,
            byte[] content) {
        switch (codec) {
            case 0 -> {
                SocketAddr read = AddrCodec.read(memory, at, profile, number % 2 == 0);
                AddrCodec.write(memory, at, read, profile, number % 2 == 0);
                if (!(read instanceof UnixAddr)
                        && read != null
                        && !read.equals(AddrCodec.read(memory, at, profile, number % 2 == 0))) {
                    throw new AssertionError(read + " did not come back");
                }
                return 110;
            }
            case 1 -> {
                AddrCodec.check(memory, at, AddressFamily.INET6, profile);
                AddrCodec.write(
                        memory, at, InetAddr.v6(new byte[16], 80, number, number), profile, false);
                return profile.inet6AddrBytes();
            }
            case 2 -> {
                AddrCodec.write(
                        memory, at, new UnixAddr(new String(content)), profile, false);
                return 110;
            }
            case 3 -> EpollCodec.data(memory, at, Math.floorMod(number, 3));
            case 4 -> {
                EpollCodec.write(memory, at, number, large, large, large);
                return EpollCodec.SIZE;
            }
            case 5 -> {
                int room = Math.floorMod(number, 300);
                FileCodec.writeDirent(memory, at, room, large, large, 4, content);
                return room;
            }
            case 6 -> {
                FileCodec.writePrestat(memory, at, number);
                return 8;
            }
            case 7 -> {
                PollCodec.tag(memory, at);
                PollCodec.clock(memory, at, profile);
                PollCodec.timeout(memory, at, profile);
                PollCodec.isAbsolute(memory, at, profile);
            }
            case 8 -> {
                PollCodec.writeEvent(memory, at, large, number & 0x4f, number & 3, large, true);
                return PollCodec.EVENT_SIZE;
            }
            case 9 -> {
                StatCodec.writeFdstat(memory, at, number & 7, number & 31, large, large);
                return StatCodec.FDSTAT_SIZE;
            }
            case 10 -> {
                StatCodec.writeFilestat(
                        memory,
                        at,
                        new StatCodec.Filestat(large, large, 4, large, large, large, large, large),
                        profile);
                return 64;
            }
            case 11 -> {
                StringList list = new StringList(List.of(content, new byte[3]));
                list.write(memory, at, at + 8);
                return 8 + content.length + 5;
            }
            case 12 -> {
                long read = OptionTimestamp.read(memory, at);
                OptionTimestamp.write(memory, at, read);
                return OptionTimestamp.SIZE;
            }
            case 13 -> {
                TtyCodec.write(memory, at, true, true, false);
                return TtyCodec.SIZE;
            }
            default -> {
                IoVecs list = new IoVecs(memory);
                int count = Math.floorMod(number, 8);
                list.forRead(at, count);
                if (list.count() > count) {
                    throw new AssertionError("more buffers than entries");
                }
            }
        }
        return 0;
    }
}
