package org.wasix4j.deep;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The first page of a deep guest's memory: what its calls point to. */
final class DeepData {

    /** A number that is read, and the place of results. */
    static final int OUT = 64;

    static final int OUT2 = 192;
    static final int OUT3 = 320;

    /** Slots for descriptors. */
    static final int FD = 448;

    static final int PEER = 452;
    static final int LISTENER = 456;
    static final int OTHER = 460;

    /** An address record that is filled at run time. */
    static final int ADDRESS = 512;

    static final int ANY4 = 768;
    static final int ANY6 = 896;
    static final int UNIX = 1024;
    static final int FORBIDDEN = 1152;
    static final int IOVECS = 1280;
    static final int SUBSCRIPTIONS = 1408;
    static final int EVENT = 1664;
    static final int TIME = 1728;
    static final int GROUP4 = 1792;
    static final int GROUP6 = 1808;
    static final int ADDRESSES = 3 * 1024;

    /** A room for results, and the buffers of the iovecs. */
    static final int ROOM = 16384;

    static final int ROOM_SIZE = 4096;

    private static final int STRINGS = 2048;

    private static final ByteBuffer FILLED =
            ByteBuffer.allocate(ROOM + 2 * ROOM_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    private static int nextString = STRINGS;

    static final long[] FILE = string("f");
    static final long[] FOLDER = string("d");
    static final long[] LINK = string("l");
    static final long[] NEW = string("new");
    static final long[] LOCALHOST = string("localhost");
    static final long[] NO_HOST = string("no.such.name.invalid");
    static final long[] RULE = string("x");

    static final byte[] IMAGE = image();

    private DeepData() {}

    /** Pointer and length. */
    private static long[] string(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        FILLED.position(nextString).put(bytes);
        long[] place = {nextString, bytes.length};
        nextString += bytes.length + 8;
        return place;
    }

    private static byte[] image() {
        FILLED.put(ANY4, (byte) 1).put(ANY4 + 4, (byte) 127).put(ANY4 + 7, (byte) 1);
        FILLED.put(ANY6, (byte) 2).put(ANY6 + 4 + 15, (byte) 1);
        FILLED.put(UNIX, (byte) 3).position(UNIX + 2).put("/s".getBytes(StandardCharsets.US_ASCII));
        FILLED.put(FORBIDDEN, (byte) 1).putShort(FORBIDDEN + 2, (short) 9);
        FILLED.put(FORBIDDEN + 4, (byte) 10).put(FORBIDDEN + 7, (byte) 1);
        for (int i = 0; i < 3; i++) {
            FILLED.putInt(IOVECS + 8 * i, ROOM + 64 * i).putInt(IOVECS + 8 * i + 4, 64);
        }
        // a socket to be read, and a millisecond
        FILLED.put(SUBSCRIPTIONS + 8, (byte) 1);
        FILLED.putInt(SUBSCRIPTIONS + 48 + 16, 1).putLong(SUBSCRIPTIONS + 48 + 24, 1_000_000);
        FILLED.putInt(EVENT, 1);
        FILLED.put(TIME, (byte) 1).putLong(TIME + 8, 1_000_000);
        FILLED.position(GROUP4).put(new byte[] {(byte) 224, 0, 0, 99});
        FILLED.position(GROUP6)
                .put(new byte[] {(byte) 0xff, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 99});
        return FILLED.array();
    }
}
