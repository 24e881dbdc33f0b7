package org.wasix4j.runtime.internal;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Gives a class another name by changing its constants, without a look at its code. The engine
 * copies its class of helpers into each module by ASM, which writes all code and all stack map
 * frames anew: a twentieth of a cold start.
 */
final class RenamedClass {

    private static final int HEADER = 8;

    private static final int UTF8 = 1;
    private static final int INTEGER = 3;
    private static final int FLOAT = 4;
    private static final int LONG = 5;
    private static final int DOUBLE = 6;
    private static final int CLASS = 7;
    private static final int STRING = 8;
    private static final int METHOD_HANDLE = 15;
    private static final int METHOD_TYPE = 16;
    private static final int MODULE = 19;
    private static final int PACKAGE = 20;

    private RenamedClass() {}

    /**
     * The class file with another name, which is changed in all constants, in descriptors too.
     *
     * @param from the name, with slashes, in ASCII
     * @param to the other one
     * @param access the flags of the class
     */
    static byte[] of(byte[] code, String from, String to, int access) {
        String descriptor = "L" + from + ";";
        String newDescriptor = "L" + to + ";";
        ByteBuffer in = ByteBuffer.wrap(code);
        ByteArrayOutputStream out = new ByteArrayOutputStream(code.length + 1024);
        in.position(HEADER);
        int count = in.getShort() & 0xffff;
        out.write(code, 0, in.position());
        for (int i = 1; i < count; i++) {
            int start = in.position();
            int tag = in.get();
            if (tag != UTF8) {
                in.position(in.position() + length(tag));
                out.write(code, start, in.position() - start);
                // these take two places
                i += tag == LONG || tag == DOUBLE ? 1 : 0;
                continue;
            }
            int length = in.getShort() & 0xffff;
            // so each byte is a letter, whatever it is one of
            String text = new String(code, in.position(), length, StandardCharsets.ISO_8859_1);
            in.position(in.position() + length);
            byte[] renamed =
                    (text.equals(from) ? to : text.replace(descriptor, newDescriptor))
                            .getBytes(StandardCharsets.ISO_8859_1);
            out.write(UTF8);
            out.write(renamed.length >> 8);
            out.write(renamed.length);
            out.write(renamed, 0, renamed.length);
        }
        in.getShort();
        out.write(access >> 8);
        out.write(access);
        out.write(code, in.position(), in.remaining());
        return out.toByteArray();
    }

    /** How many bytes follow the tag of a constant that is no text. */
    private static int length(int tag) {
        return switch (tag) {
            case CLASS, STRING, METHOD_TYPE, MODULE, PACKAGE -> 2;
            case METHOD_HANDLE -> 3;
            case LONG, DOUBLE -> 8;
            case INTEGER, FLOAT -> 4;
            // a member, or something dynamic: two numbers of other constants
            default -> 4;
        };
    }
}
