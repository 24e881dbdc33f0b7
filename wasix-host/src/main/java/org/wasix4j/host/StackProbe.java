package org.wasix4j.host;

/**
 * Makes a stack that is nearly exhausted overflow at once, before a host function has changed
 * anything: a guest decides how deep it calls us.
 *
 * <p>How much a recursion takes is up to the compiler, which keeps what it can in registers: 64
 * plain levels are 15 KB when they are interpreted, and 2 KB compiled. Here a level has so many
 * values that live across the next one that most of them need room on the stack, compiled or not.
 * They are seldom really read: the room is part of the frame, and is there for the asking.
 */
final class StackProbe {

    /** With the room for the values some 12 KB. */
    private static final int LEVELS = 22;

    /** One of so many calls reads the values, so that the compiler keeps the way to them. */
    private static final int SELDOM = 128;

    /** Anything in memory: what is read before a call cannot be read after it instead. */
    private static final long[] VALUES = new long[64];

    private StackProbe() {}

    /**
     * Throws {@link StackOverflowError} when there are not some kilobytes of stack left.
     *
     * @param calls how many calls the thread has made
     */
    static void require(long calls) {
        descend(LEVELS, calls % SELDOM == 0);
    }

    private static long descend(int levels, boolean read) {
        if (!read) {
            return levels == 0 ? 0 : descend(levels - 1, false);
        }
        long[] from = VALUES;
        long v0 = from[0];
        long v1 = from[1];
        long v2 = from[2];
        long v3 = from[3];
        long v4 = from[4];
        long v5 = from[5];
        long v6 = from[6];
        long v7 = from[7];
        long v8 = from[8];
        long v9 = from[9];
        long v10 = from[10];
        long v11 = from[11];
        long v12 = from[12];
        long v13 = from[13];
        long v14 = from[14];
        long v15 = from[15];
        long v16 = from[16];
        long v17 = from[17];
        long v18 = from[18];
        long v19 = from[19];
        long v20 = from[20];
        long v21 = from[21];
        long v22 = from[22];
        long v23 = from[23];
        long v24 = from[24];
        long v25 = from[25];
        long v26 = from[26];
        long v27 = from[27];
        long v28 = from[28];
        long v29 = from[29];
        long v30 = from[30];
        long v31 = from[31];
        long v32 = from[32];
        long v33 = from[33];
        long v34 = from[34];
        long v35 = from[35];
        long v36 = from[36];
        long v37 = from[37];
        long v38 = from[38];
        long v39 = from[39];
        long v40 = from[40];
        long v41 = from[41];
        long v42 = from[42];
        long v43 = from[43];
        long v44 = from[44];
        long v45 = from[45];
        long v46 = from[46];
        long v47 = from[47];
        long v48 = from[48];
        long v49 = from[49];
        long v50 = from[50];
        long v51 = from[51];
        long v52 = from[52];
        long v53 = from[53];
        long v54 = from[54];
        long v55 = from[55];
        long v56 = from[56];
        long v57 = from[57];
        long v58 = from[58];
        long v59 = from[59];
        long v60 = from[60];
        long v61 = from[61];
        long v62 = from[62];
        long v63 = from[63];
        long deeper = levels == 0 ? 0 : descend(levels - 1, true);
        from[0] = deeper;
        return deeper + v0 + v1 + v2 + v3 + v4 + v5 + v6 + v7 + v8 + v9 + v10 + v11 + v12 + v13
                + v14 + v15 + v16 + v17 + v18 + v19 + v20 + v21 + v22 + v23 + v24 + v25 + v26 + v27
                + v28 + v29 + v30 + v31 + v32 + v33 + v34 + v35 + v36 + v37 + v38 + v39 + v40 + v41
                + v42 + v43 + v44 + v45 + v46 + v47 + v48 + v49 + v50 + v51 + v52 + v53 + v54 + v55
                + v56 + v57 + v58 + v59 + v60 + v61 + v62 + v63;
    }
}
