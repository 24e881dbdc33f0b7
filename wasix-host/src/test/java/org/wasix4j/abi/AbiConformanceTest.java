package org.wasix4j.abi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.wasix4j.abi.AbiDescription.Generation.CURRENT;
import static org.wasix4j.abi.AbiDescription.Generation.LEGACY;
import static org.wasix4j.abi.AbiDescription.Generation.PREVIEW1;
import static org.wasix4j.abi.AbiDescription.Generation.SNAPSHOT0;

import com.dylibso.chicory.runtime.ByteArrayMemory;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.abi.AbiDescription.Encoded;
import org.wasix4j.abi.AbiDescription.Function;
import org.wasix4j.abi.AbiDescription.Generation;
import org.wasix4j.host.HostHarness;
import org.wasix4j.host.Signatures;
import org.wasix4j.system.thread.Signals;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.ClockId;
import org.wasix4j.types.EpollFlags;
import org.wasix4j.types.Errno;
import org.wasix4j.types.FdFlags;
import org.wasix4j.types.FileType;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Rights;
import org.wasix4j.types.SockFlags;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SockStatus;
import org.wasix4j.types.SockType;
import org.wasix4j.types.SocketAddr;
import org.wasix4j.types.SyscallSpec;
import org.wasix4j.types.UnixAddr;

/** The functions, numbers and layouts of the code against the ABI as its WITX files say. */
class AbiConformanceTest {

    private static final AbiDescription ABI = new AbiDescription();
    private static final int AT = 256;
    private static final byte UNTOUCHED = (byte) 0xEE;

    private final ByteArrayMemory bytes = new ByteArrayMemory(new MemoryLimits(1, 1));

    @BeforeEach
    void fill() {
        bytes.fill(UNTOUCHED, 0, 65536);
    }

    // ---- functions

    private record Entry(String name, String core, List<String> parameters) {}

    @Test
    void every_function_of_every_module_is_known_with_exactly_its_type_and_no_other() {
        Map<String, List<Entry>> said = new TreeMap<>();
        for (Function each : ABI.functions()) {
            said.computeIfAbsent(each.module() + "." + each.name(), n -> new ArrayList<>())
                    .add(new Entry(each.name(), each.core(), each.parameters()));
        }
        Map<String, List<Entry>> offered = new TreeMap<>();
        Signatures signatures = Signatures.load();
        for (String name : signatures.names()) {
            String[] words = name.split(" ");
            for (SyscallSpec spec : signatures.find(words[0], words[1])) {
                offered.computeIfAbsent(spec.toString(), n -> new ArrayList<>())
                        .add(
                                new Entry(
                                        spec.name(),
                                        spec.core(),
                                        spec.parameters().stream()
                                                .map(SyscallSpec.Parameter::name)
                                                .toList()));
            }
        }
        assertThat(said).hasSizeGreaterThan(240);
        assertThat(offered.keySet()).isEqualTo(said.keySet());
        said.forEach(
                (name, entries) ->
                        assertThat(offered.get(name))
                                .as(name)
                                .containsExactlyInAnyOrderElementsOf(entries));
    }

    @Test
    void every_function_is_bound_for_the_guests_that_import_it() {
        List<HostHarness.Builder> guests =
                List.of(
                        HostHarness.builder(),
                        HostHarness.builder().legacy(),
                        HostHarness.builder().preview1(),
                        HostHarness.builder().snapshot0());
        for (HostHarness.Builder guest : guests) {
            // the harness imports everything and fails when something cannot be bound
            guest.build().close();
        }
    }

    // ---- numbers

    private static <E extends Enum<E>> Map<String, Long> numbers(
            Class<E> type, ToIntFunction<E> code) {
        Map<String, Long> numbers = new LinkedHashMap<>();
        for (E each : type.getEnumConstants()) {
            numbers.put(each.name().toLowerCase(Locale.ROOT), (long) code.applyAsInt(each));
        }
        return numbers;
    }

    /** The constants of a class whose names have a prefix, without it. */
    private static Map<String, Long> constants(Class<?> type, String prefix) {
        Map<String, Long> constants = new TreeMap<>();
        for (Field field : type.getFields()) {
            if (Modifier.isStatic(field.getModifiers()) && field.getName().startsWith(prefix)) {
                try {
                    constants.put(
                            field.getName().substring(prefix.length()).toLowerCase(Locale.ROOT),
                            ((Number) field.get(null)).longValue());
                } catch (IllegalAccessException e) {
                    throw new AssertionError(e);
                }
            }
        }
        return constants;
    }

    private static Map<String, Long> without(Map<String, Long> values, String prefix) {
        Map<String, Long> shorter = new TreeMap<>();
        values.forEach(
                (name, value) ->
                        shorter.put(
                                name.startsWith(prefix) ? name.substring(prefix.length()) : name,
                                value));
        return shorter;
    }

    private static long all(Map<String, Long> flags) {
        return flags.values().stream().reduce(0L, (a, b) -> a | b);
    }

    @Test
    void errnos_have_their_names_and_numbers() {
        Map<String, Long> errnos = new LinkedHashMap<>();
        for (Errno each : Errno.values()) {
            errnos.put(each.wasiName(), (long) each.code());
            assertThat(Errno.of(each.code())).isEqualTo(each);
        }
        assertThat(errnos).containsExactlyInAnyOrderEntriesOf(ABI.values("errno", CURRENT));
        Map<String, Long> small = ABI.values("errno", PREVIEW1);
        assertThat(small).containsKey("fault").doesNotContainKey("memviolation");
        assertThat(AbiProfile.PREVIEW1.badPointer().wasiName()).isIn(small.keySet());
    }

    @Test
    void enums_have_their_numbers() {
        assertThat(numbers(SockOption.class, SockOption::code))
                .isEqualTo(ABI.values("sock_option", CURRENT));
        assertThat(numbers(AddressFamily.class, AddressFamily::code))
                .isEqualTo(ABI.values("address_family", CURRENT));
        assertThat(numbers(FileType.class, FileType::code))
                .isEqualTo(ABI.values("filetype", CURRENT));
        assertThat(numbers(SockStatus.class, SockStatus::code))
                .isEqualTo(ABI.values("sock_status", CURRENT));
        assertThat(new TreeMap<>(numbers(ClockId.class, ClockId::code)).values())
                .containsExactlyInAnyOrderElementsOf(ABI.values("clockid", CURRENT).values());
        assertThat(numbers(ClockId.class, ClockId::code))
                .containsEntry("realtime", ABI.values("clockid", CURRENT).get("realtime"))
                .containsEntry("monotonic", ABI.values("clockid", CURRENT).get("monotonic"));
        Map<String, Long> signals = ABI.values("signal", CURRENT);
        assertThat(signals).containsEntry("kill", (long) Signals.KILL);
        assertThat(signals).containsEntry("term", (long) Signals.TERM);
        assertThat(signals).containsEntry("pipe", (long) Signals.PIPE);
        assertThat(signals.values()).allMatch(number -> number <= Signals.MAX);
        Map<String, Long> epoll = ABI.values("epoll_ctl", CURRENT);
        assertThat(epoll).containsEntry("add", (long) EpollFlags.CTL_ADD);
        assertThat(epoll).containsEntry("mod", (long) EpollFlags.CTL_MOD_OR_ADD);
        assertThat(epoll).containsEntry("del", (long) EpollFlags.CTL_DEL);
        Map<String, Long> events = ABI.values("eventtype", CURRENT);
        assertThat(events).containsEntry("clock", (long) PollCodec.CLOCK);
        assertThat(events).containsEntry("fd_read", (long) PollCodec.FD_READ);
        assertThat(events).containsEntry("fd_write", (long) PollCodec.FD_WRITE);
    }

    @Test
    void socket_types_have_the_numbers_of_their_generation() {
        ABI.values("sock_type", CURRENT)
                .forEach(
                        (name, code) ->
                                assertThat(AbiProfile.CURRENT.sockType(code.intValue()).name())
                                        .isEqualToIgnoringCase(name.substring("socket_".length())));
        ABI.values("sock_type", LEGACY)
                .forEach(
                        (name, code) ->
                                assertThat(AbiProfile.LEGACY.sockType(code.intValue()).name())
                                        .isEqualToIgnoringCase(name.substring("socket_".length())));
        // C guests of the first generation send file types
        Map<String, Long> types = ABI.values("filetype", CURRENT);
        assertThat(AbiProfile.LEGACY.sockType(types.get("socket_dgram").intValue()))
                .isEqualTo(SockType.DGRAM);
        assertThat(AbiProfile.LEGACY.sockType(types.get("socket_stream").intValue()))
                .isEqualTo(SockType.STREAM);
    }

    @Test
    void whence_has_the_numbers_of_its_generation() {
        List<String> ours = List.of("set", "cur", "end");
        ABI.values("whence", PREVIEW1)
                .forEach(
                        (name, code) ->
                                assertThat(FileCodec.whence(code.intValue(), AbiProfile.CURRENT))
                                        .isEqualTo(ours.indexOf(name)));
        ABI.values("whence", SNAPSHOT0)
                .forEach(
                        (name, code) ->
                                assertThat(
                                                FileCodec.whence(
                                                        code.intValue(),
                                                        AbiProfile.PREVIEW1.asSnapshot0()))
                                        .isEqualTo(ours.indexOf(name)));
        for (int none : new int[] {-1, 3}) {
            assertThat(FileCodec.whence(none, AbiProfile.CURRENT)).isEqualTo(-1);
            assertThat(FileCodec.whence(none, AbiProfile.PREVIEW1.asSnapshot0())).isEqualTo(-1);
        }
    }

    @Test
    void flags_have_their_bits() {
        Map<String, Long> fdflags = ABI.values("fdflags", CURRENT);
        assertThat(constants(FdFlags.class, "")).containsAllEntriesOf(fdflags);
        assertThat(FdFlags.ALL).isEqualTo((int) all(fdflags));
        assertThat(constants(FdFlags.class, ""))
                .containsAllEntriesOf(ABI.values("fdflagsext", CURRENT));
        Map<String, Long> riflags = ABI.values("riflags", CURRENT);
        // recv_data_truncated is the name of a bit of riflags and of the one of roflags
        riflags.forEach(
                (name, bit) -> assertThat(constants(SockFlags.class, "")).containsEntry(name, bit));
        assertThat(SockFlags.RECV_ALL).isEqualTo((int) all(riflags));
        assertThat(ABI.values("roflags", CURRENT))
                .containsOnly(Map.entry("recv_data_truncated", (long) SockFlags.RECV_TRUNCATED));
        assertThat(constants(SockFlags.class, ""))
                .containsAllEntriesOf(ABI.values("siflags", CURRENT));
        assertThat(constants(SockFlags.class, "SHUT_"))
                .containsAllEntriesOf(ABI.values("sdflags", CURRENT));
        assertThat(constants(EpollFlags.class, ""))
                .containsAllEntriesOf(without(ABI.values("epoll_type", CURRENT), "epoll"));
        Map<String, Long> rights = ABI.values("rights", CURRENT);
        assertThat(constants(Rights.class, "")).containsAllEntriesOf(rights);
        assertThat(Rights.ALL).isEqualTo(all(rights));
        assertThat(Rights.PREVIEW1).isEqualTo(all(ABI.values("rights", PREVIEW1)));
    }

    // ---- layouts

    private GuestMemory memory(AbiProfile profile) {
        return new GuestMemory(bytes, profile);
    }

    /** Fails unless the memory has what was encoded, and nothing was written beside it. */
    private void requireWritten(Encoded expected) {
        byte[] found = bytes.readBytes(AT, expected.bytes().length);
        for (int i = expected.meant().nextSetBit(0);
                i >= 0;
                i = expected.meant().nextSetBit(i + 1)) {
            assertThat(found[i])
                    .as("byte %d of %s, wanted %s", i, hex(found), hex(expected.bytes()))
                    .isEqualTo(expected.bytes()[i]);
        }
        assertThat(bytes.readBytes(0, AT)).containsOnly(UNTOUCHED);
        assertThat(bytes.readBytes(AT + found.length, 1024)).containsOnly(UNTOUCHED);
    }

    private static String hex(byte[] some) {
        StringBuilder text = new StringBuilder();
        for (byte each : some) {
            text.append(String.format("%02x", each));
        }
        return text.toString();
    }

    private void given(Encoded encoded) {
        bytes.write(AT, encoded.bytes());
    }

    private static AbiProfile profile(Generation generation) {
        return switch (generation) {
            case CURRENT -> AbiProfile.CURRENT;
            case LEGACY -> AbiProfile.LEGACY;
            case SNAPSHOT0 -> AbiProfile.PREVIEW1.asSnapshot0();
            case PREVIEW1 -> AbiProfile.PREVIEW1;
        };
    }

    /** An address of each family, as it is in a record of a generation. */
    private static Map<SocketAddr, Object> addresses(Generation generation) {
        boolean legacy = generation == LEGACY;
        byte[] octets = new byte[16];
        for (int i = 0; i < 16; i++) {
            octets[i] = (byte) (0x20 + i);
        }
        // addresses are in network order: two octets as they stand, in a little-endian number
        Map<String, Object> six = new LinkedHashMap<>();
        String[] names = {"n0", "n1", "n2", "n3", "h0", "h1", "h2", "h3"};
        for (int i = 0; i < 8; i++) {
            six.put(names[i], (octets[2 * i] & 0xff) | (octets[2 * i + 1] & 0xff) << 8);
        }
        if (!legacy) {
            six.put("flow_info1", 0x0102);
            six.put("flow_info0", 0x0304);
            six.put("scope_id1", 0x0506);
            six.put("scope_id0", 0x0708);
        }
        byte[] path = "/run/s\0".getBytes(StandardCharsets.UTF_8);
        Map<SocketAddr, Object> addresses = new LinkedHashMap<>();
        addresses.put(
                InetAddr.v4(new byte[] {10, 1, 2, (byte) 200}, 0xabcd),
                Map.of(
                        "inet4",
                        Map.of(
                                "port",
                                0xabcd,
                                "addr",
                                Map.of("n0", 10, "n1", 1, "h0", 2, "h1", 200))));
        addresses.put(
                InetAddr.v6(octets, 8080, legacy ? 0 : 0x01020304, legacy ? 0 : 0x05060708),
                Map.of("inet6", Map.of("port", 8080, "addr", six)));
        addresses.put(
                new UnixAddr("/run/s"),
                legacy ? Map.of("unix", Map.of("port", 0, "addr", path)) : Map.of("unix", path));
        return addresses;
    }

    @ParameterizedTest
    @EnumSource(names = {"CURRENT", "LEGACY"})
    void socket_addresses_are_written_and_read(Generation generation) {
        AbiProfile profile = profile(generation);
        addresses(generation)
                .forEach(
                        (address, value) -> {
                            fill();
                            Encoded encoded = ABI.encode("addr_port", generation, value);
                            AddrCodec.write(memory(profile), AT, address, profile, false);
                            requireWritten(encoded);
                            fill();
                            given(encoded);
                            SocketAddr read = AddrCodec.read(memory(profile), AT, profile, false);
                            assertThat(read).isEqualTo(address);
                            if (read instanceof InetAddr inet) {
                                // no part of what makes addresses equal
                                assertThat(inet.flowInfo())
                                        .isEqualTo(((InetAddr) address).flowInfo());
                            }
                        });
        fill();
        AddrCodec.write(memory(profile), AT, null, profile, false);
        assertThat(bytes.read(AT)).isZero();
        assertThat(AddrCodec.read(memory(profile), AT, profile, false)).isNull();
    }

    /** As the C library of the first generation has them. */
    @ParameterizedTest
    @EnumSource(names = {"CURRENT", "LEGACY"})
    void ports_in_network_order_are_turned_both_ways(Generation generation) {
        AbiProfile profile = profile(generation);
        InetAddr address = InetAddr.v4(new byte[] {10, 1, 2, 3}, 0xabcd);
        AddrCodec.write(memory(profile), AT, address, profile, true);
        assertThat(bytes.readBytes(AT + 2, 2)).containsExactly(0xab, 0xcd);
        assertThat(AddrCodec.read(memory(profile), AT, profile, true)).isEqualTo(address);
        assertThat(AddrCodec.read(memory(profile), AT, profile, false))
                .isEqualTo(address.withPort(0xcdab));
    }

    @Test
    void an_address_of_an_unknown_family_is_invalid() {
        bytes.write(AT, new byte[] {4});
        assertThatThrownBy(
                        () ->
                                AddrCodec.read(
                                        memory(AbiProfile.CURRENT), AT, AbiProfile.CURRENT, false))
                .isSameAs(Errno.INVAL.exception());
    }

    @ParameterizedTest
    @EnumSource(names = {"CURRENT", "LEGACY"})
    void the_longest_unix_path_fills_the_record_and_no_more(Generation generation) {
        AbiProfile profile = profile(generation);
        int room = ABI.size("addr_unix", generation);
        byte[] full = new byte[room];
        Arrays.fill(full, (byte) 'p');
        Object payload = generation == LEGACY ? Map.of("port", 0, "addr", full) : full;
        Encoded encoded = ABI.encode("addr_port", generation, Map.of("unix", payload));
        UnixAddr address = new UnixAddr("p".repeat(room));
        AddrCodec.write(memory(profile), AT, address, profile, false);
        requireWritten(encoded);
        assertThat(AddrCodec.read(memory(profile), AT, profile, false)).isEqualTo(address);
    }

    @ParameterizedTest
    @EnumSource
    void subscriptions_are_read(Generation generation) {
        AbiProfile profile = profile(generation);
        assertThat(PollCodec.subscriptionSize(profile))
                .isEqualTo(ABI.size("subscription", generation));
        Map<String, Object> clock = new LinkedHashMap<>();
        if (generation == SNAPSHOT0) {
            clock.put("identifier", 0x1112131415161718L);
        }
        clock.put("id", 1);
        clock.put("timeout", 0x0102030405060708L);
        clock.put("precision", 0x2122232425262728L);
        clock.put("flags", ABI.values("subclockflags", CURRENT).get("subscription_clock_abstime"));
        given(
                ABI.encode(
                        "subscription",
                        generation,
                        Map.of("userdata", 0x3132333435363738L, "u", Map.of("clock", clock))));
        GuestMemory memory = memory(profile);
        assertThat(PollCodec.userData(memory, AT)).isEqualTo(0x3132333435363738L);
        assertThat(PollCodec.tag(memory, AT)).isEqualTo(PollCodec.CLOCK);
        assertThat(PollCodec.clock(memory, AT, profile)).isEqualTo(1);
        assertThat(PollCodec.timeout(memory, AT, profile)).isEqualTo(0x0102030405060708L);
        assertThat(PollCodec.isAbsolute(memory, AT, profile)).isTrue();
        clock.put("flags", 0);
        given(
                ABI.encode(
                        "subscription",
                        generation,
                        Map.of("userdata", 1, "u", Map.of("clock", clock))));
        assertThat(PollCodec.isAbsolute(memory, AT, profile)).isFalse();
        given(
                ABI.encode(
                        "subscription",
                        generation,
                        Map.of(
                                "userdata",
                                1,
                                "u",
                                Map.of("fd_write", Map.of("file_descriptor", 0x41424344)))));
        assertThat(PollCodec.tag(memory, AT)).isEqualTo(PollCodec.FD_WRITE);
        assertThat(PollCodec.descriptor(memory, AT)).isEqualTo(0x41424344);
    }

    @Test
    void events_are_written() {
        assertThat(PollCodec.EVENT_SIZE).isEqualTo(ABI.size("event", CURRENT));
        PollCodec.writeEvent(
                memory(AbiProfile.CURRENT),
                AT,
                0x0102030405060708L,
                Errno.BADF.code(),
                PollCodec.FD_WRITE,
                0x1112131415161718L,
                true);
        requireWritten(
                ABI.encode(
                        "event",
                        CURRENT,
                        Map.of(
                                "userdata",
                                0x0102030405060708L,
                                "error",
                                8,
                                "type",
                                2,
                                "fd_readwrite",
                                Map.of(
                                        "nbytes",
                                        0x1112131415161718L,
                                        "flags",
                                        all(ABI.values("eventrwflags", CURRENT))))));
    }

    @Test
    void epoll_events_are_read_and_come_back_as_they_were() {
        assertThat(EpollCodec.SIZE).isEqualTo(ABI.size("epoll_event", CURRENT));
        Encoded event =
                ABI.encode(
                        "epoll_event",
                        CURRENT,
                        Map.of(
                                "events",
                                0x01020304,
                                "data",
                                Map.of(
                                        "ptr",
                                        0x11121314,
                                        "fd",
                                        0x15161718,
                                        "data1",
                                        0x21222324,
                                        "data2",
                                        0x3132333435363738L)));
        given(event);
        GuestMemory memory = memory(AbiProfile.CURRENT);
        int events = EpollCodec.events(memory, AT);
        assertThat(events).isEqualTo(0x01020304);
        long[] data = new long[3];
        for (int i = 0; i < 3; i++) {
            data[i] = EpollCodec.data(memory, AT, i);
        }
        fill();
        EpollCodec.write(memory, AT, events, data[0], data[1], data[2]);
        requireWritten(event);
    }

    @ParameterizedTest
    @EnumSource(names = {"CURRENT", "SNAPSHOT0"})
    void file_stats_are_written(Generation generation) {
        StatCodec.Filestat stat =
                new StatCodec.Filestat(
                        0x0102030405060708L,
                        0x1112131415161718L,
                        FileType.REGULAR_FILE.code(),
                        3,
                        0x2122232425262728L,
                        0x3132333435363738L,
                        0x4142434445464748L,
                        0x5152535455565758L);
        AbiProfile profile = profile(generation);
        StatCodec.writeFilestat(memory(profile), AT, stat, profile);
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("dev", stat.device());
        fields.put("ino", stat.inode());
        fields.put("filetype", 4);
        fields.put("nlink", 3);
        fields.put("size", stat.size());
        fields.put("atim", stat.accessTime());
        fields.put("mtim", stat.modificationTime());
        fields.put("ctim", stat.changeTime());
        requireWritten(ABI.encode("filestat", generation, fields));
    }

    @Test
    void descriptor_stats_are_written() {
        assertThat(StatCodec.FDSTAT_SIZE).isEqualTo(ABI.size("fdstat", CURRENT));
        StatCodec.writeFdstat(
                memory(AbiProfile.CURRENT), AT, 6, 0x1f, 0x0102030405060708L, 0x1112131415161718L);
        requireWritten(
                ABI.encode(
                        "fdstat",
                        CURRENT,
                        Map.of(
                                "fs_filetype",
                                6,
                                "fs_flags",
                                0x1f,
                                "fs_rights_base",
                                0x0102030405060708L,
                                "fs_rights_inheriting",
                                0x1112131415161718L)));
    }

    @Test
    void directory_entries_are_written_whole_and_cut_off() {
        byte[] name = "name".getBytes(StandardCharsets.UTF_8);
        Encoded entry =
                ABI.encode(
                        "dirent",
                        CURRENT,
                        Map.of(
                                "d_next",
                                7,
                                "d_ino",
                                0x0102030405060708L,
                                "d_namlen",
                                4,
                                "d_type",
                                4));
        int size = ABI.size("dirent", CURRENT);
        for (int room = 0; room <= size + 6; room++) {
            fill();
            int used =
                    FileCodec.writeDirent(
                            memory(AbiProfile.CURRENT), AT, room, 7, 0x0102030405060708L, 4, name);
            assertThat(used).isEqualTo(Math.min(room, size + 4));
            byte[] whole = Arrays.copyOf(entry.bytes(), size + 4);
            System.arraycopy(name, 0, whole, size, 4);
            assertThat(bytes.readBytes(AT, used)).isEqualTo(Arrays.copyOf(whole, used));
            assertThat(bytes.readBytes(AT + used, 100)).containsOnly(UNTOUCHED);
        }
    }

    @Test
    void preopened_directories_are_written() {
        FileCodec.writePrestat(memory(AbiProfile.CURRENT), AT, 0x01020304);
        requireWritten(
                ABI.encode("prestat", CURRENT, Map.of("dir", Map.of("pr_name_len", 0x01020304))));
    }

    @Test
    void optional_times_are_written_and_read() {
        assertThat(OptionTimestamp.SIZE).isEqualTo(ABI.size("option_timestamp", CURRENT));
        GuestMemory memory = memory(AbiProfile.CURRENT);
        Encoded some = ABI.encode("option_timestamp", CURRENT, Map.of("some", 0x0102030405060708L));
        OptionTimestamp.write(memory, AT, 0x0102030405060708L);
        requireWritten(some);
        fill();
        given(some);
        assertThat(OptionTimestamp.read(memory, AT)).isEqualTo(0x0102030405060708L);
        given(ABI.encode("option_timestamp", CURRENT, Map.of("some", 0)));
        assertThat(OptionTimestamp.read(memory, AT)).isZero();
        given(ABI.encode("option_timestamp", CURRENT, Map.of("some", -1L)));
        assertThat(OptionTimestamp.read(memory, AT)).isEqualTo(Long.MAX_VALUE);
        Encoded none = ABI.encode("option_timestamp", CURRENT, Map.of("none", 0));
        given(none);
        assertThat(OptionTimestamp.read(memory, AT)).isEqualTo(OptionTimestamp.NONE);
        fill();
        OptionTimestamp.write(memory, AT, OptionTimestamp.NONE);
        requireWritten(none);
        bytes.write(AT, new byte[] {2});
        assertThatThrownBy(() -> OptionTimestamp.read(memory, AT))
                .isSameAs(Errno.INVAL.exception());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void terminals_are_written(boolean middle) {
        assertThat(TtyCodec.SIZE).isEqualTo(ABI.size("tty", CURRENT));
        TtyCodec.write(memory(AbiProfile.CURRENT), AT, !middle, middle, !middle);
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("cols", 80);
        fields.put("rows", 25);
        fields.put("width", 800);
        fields.put("height", 600);
        fields.put("stdin_tty", middle ? 0 : 1);
        fields.put("stdout_tty", middle ? 1 : 0);
        fields.put("stderr_tty", middle ? 0 : 1);
        fields.put("echo", 1);
        fields.put("line_buffered", 1);
        fields.put("line_feeds", 1);
        requireWritten(ABI.encode("tty", CURRENT, fields));
    }

    @Test
    void scatter_lists_are_read() {
        Encoded one = ABI.encode("iovec", CURRENT, Map.of("buf", 4096, "buf_len", 10));
        bytes.write(AT, one.bytes());
        bytes.write(
                AT + one.bytes().length,
                ABI.encode("iovec", CURRENT, Map.of("buf", 8192, "buf_len", 20)).bytes());
        bytes.fill((byte) 'x', 4096, 4106);
        bytes.fill((byte) 'y', 8192, 8212);
        IoVecs list = new IoVecs(memory(AbiProfile.CURRENT)).forWrite(AT, 2);
        assertThat(list.count()).isEqualTo(2);
        assertThat(list.total()).isEqualTo(30);
        assertThat(list.buffers()[0].get(0)).isEqualTo((byte) 'x');
        assertThat(list.buffers()[1].get(0)).isEqualTo((byte) 'y');
    }
}
