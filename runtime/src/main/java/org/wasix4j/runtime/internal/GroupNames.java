package org.wasix4j.runtime.internal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.wasix4j.types.Nullable;

/**
 * Gives the class of a group that {@link GroupModule} has moved to the front the names that it has
 * in the module as it is. The names are constants of the class file; nothing else changes, so the
 * class is, byte for byte, the one of a compilation of the whole module.
 */
final class GroupNames {

    private static final Pattern GROUP = Pattern.compile("(.*FuncGroup_)(\\d+)");
    private static final Pattern METHOD = Pattern.compile("((?:func|call)_)(\\d+)");

    private static final int UTF8 = 1;
    private static final int POOL = 8;

    private GroupNames() {}

    /** The class of a group, compiled as group 0, with the names of its real place. */
    static byte[] restore(byte[] code, int group, int perClass) {
        ByteBuffer in = ByteBuffer.wrap(code);
        // a number has some digits more at most
        int count = in.position(POOL).getShort() & 0xffff;
        ByteBuffer out = ByteBuffer.allocate(code.length + count * 8);
        out.put(code, 0, POOL + Short.BYTES);
        for (int i = 1; i < count; i++) {
            int tag = in.get();
            out.put((byte) tag);
            if (tag == UTF8) {
                int length = in.getShort() & 0xffff;
                byte[] name = name(code, in.position(), length, group, perClass);
                if (name == null) {
                    out.putShort((short) length).put(code, in.position(), length);
                } else {
                    out.putShort((short) name.length).put(name);
                }
                in.position(in.position() + length);
            } else {
                int size = size(tag);
                out.put(code, in.position(), size);
                in.position(in.position() + size);
                // a long or a double counts as two
                i += size == Long.BYTES ? 1 : 0;
            }
        }
        out.put(in);
        byte[] named = new byte[out.position()];
        out.flip().get(named);
        return named;
    }

    /** The other name of what has one, or null. */
    private static @Nullable byte[] name(byte[] code, int at, int length, int group, int perClass) {
        if (length == 0 || code[at + length - 1] < '0' || code[at + length - 1] > '9') {
            return null;
        }
        String name = new String(code, at, length, StandardCharsets.UTF_8);
        Matcher method = METHOD.matcher(name);
        if (method.matches()) {
            int function = Integer.parseInt(method.group(2));
            return ascii(method.group(1) + GroupModule.exchanged(function, group, perClass));
        }
        Matcher owner = GROUP.matcher(name);
        if (owner.matches()) {
            int number = Integer.parseInt(owner.group(2));
            return ascii(owner.group(1) + GroupModule.exchanged(number, group, 1));
        }
        return null;
    }

    private static byte[] ascii(String name) {
        return name.getBytes(StandardCharsets.US_ASCII);
    }

    /** How many bytes a constant has behind its tag. */
    private static int size(int tag) {
        return switch (tag) {
            case 5, 6 -> 8;
            case 3, 4, 9, 10, 11, 12, 17, 18 -> 4;
            case 15 -> 3;
            case 7, 8, 16, 19, 20 -> 2;
            default -> throw new IllegalStateException("constant " + tag + " in a class file");
        };
    }
}
