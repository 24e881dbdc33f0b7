package org.wasix4j.system.process;

import java.util.List;
import java.util.Map;
import org.wasix4j.types.Errno;

/** What the arguments and the environment of a process take of its family's memory. */
public final class WordRoom {

    /** What an argument takes besides its letters. */
    private static final int WORD_COST = 64;

    /** What a variable takes besides its letters. */
    private static final int VARIABLE_COST = 160;

    private final HeapAccount account;

    private WordRoom(MemoryBudget memory) {
        account = new HeapAccount(memory);
    }

    /** Nothing, for a process whose words no guest has chosen. */
    public static WordRoom none(MemoryBudget memory) {
        return new WordRoom(memory);
    }

    /**
     * Takes room.
     *
     * @throws org.wasix4j.types.ErrnoException nomem when there is too little memory left
     */
    public static WordRoom take(
            MemoryBudget memory, List<String> words, Map<String, String> variables) {
        long size = 0;
        for (String word : words) {
            size += WORD_COST + word.length();
        }
        for (Map.Entry<String, String> each : variables.entrySet()) {
            size += VARIABLE_COST + each.getKey().length() + each.getValue().length();
        }
        WordRoom room = new WordRoom(memory);
        room.account.take(size, Errno.NOMEM);
        return room;
    }

    /** Gives it back; a second time does nothing. */
    public void giveBack() {
        account.close();
    }
}
