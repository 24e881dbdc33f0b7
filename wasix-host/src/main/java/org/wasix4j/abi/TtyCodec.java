package org.wasix4j.abi;

/**
 * The record {@code tty}, 24 bytes: columns, rows, width and height in pixels (u32 each), and six
 * booleans from offset 16: which of the three standard streams is a terminal, echo, line buffered,
 * line feeds.
 */
public final class TtyCodec {

    /** Size of the record. */
    public static final int SIZE = 24;

    private static final int COLUMNS = 80;
    private static final int ROWS = 25;
    private static final int CELL_WIDTH = 10;
    private static final int CELL_HEIGHT = 24;

    private TtyCodec() {}

    /** Writes a terminal of the usual size that echoes lines. */
    public static void write(
            GuestMemory memory, int address, boolean stdin, boolean stdout, boolean stderr) {
        memory.check(address, SIZE);
        memory.writeI32(address, COLUMNS);
        memory.writeI32(address + 4, ROWS);
        memory.writeI32(address + 8, COLUMNS * CELL_WIDTH);
        memory.writeI32(address + 12, ROWS * CELL_HEIGHT);
        memory.writeI64(address + 16, 0);
        memory.writeU8(address + 16, stdin ? 1 : 0);
        memory.writeU8(address + 17, stdout ? 1 : 0);
        memory.writeU8(address + 18, stderr ? 1 : 0);
        memory.writeU8(address + 19, 1);
        memory.writeU8(address + 20, 1);
        memory.writeU8(address + 21, 1);
    }
}
