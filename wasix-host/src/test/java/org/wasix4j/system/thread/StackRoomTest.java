package org.wasix4j.system.thread;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class StackRoomTest {

    private static final int STACK = 1 << 20;
    private static final int ENOUGH = 32 << 10;

    /** An overflow takes time, so not every level is looked at. */
    private static final int STEP = 8;

    /** A thread that goes to the end of its stack, and looks from there up. */
    private static final class Depth {
        private int level;
        private int deepest;

        /** Levels above the end from which the probe came back. */
        private int needed = -1;

        boolean descend() {
            level++;
            deepest = Math.max(deepest, level);
            boolean found = false;
            try {
                found = descend();
            } catch (StackOverflowError e) {
                // the end, or the probe's
            }
            if (!found && level % STEP == 0) {
                try {
                    StackRoom.require(level);
                    found = true;
                    needed = deepest - level;
                } catch (StackOverflowError e) {
                    // there is not enough here
                }
            }
            level--;
            return found;
        }

        int bytes() {
            return (int) ((long) needed * STACK / deepest);
        }
    }

    @Test
    void finds_a_stack_too_small_whether_it_is_compiled_or_not() throws Exception {
        int[] bytes = new int[5];
        Thread thread =
                new Thread(
                        null,
                        () -> {
                            for (int i = 0; i < bytes.length; i++) {
                                Depth depth = new Depth();
                                depth.descend();
                                bytes[i] = depth.bytes();
                                for (int call = 0; call < 20_000 * i; call++) {
                                    StackRoom.require(call);
                                }
                            }
                        },
                        "deep",
                        STACK);
        thread.start();
        thread.join();
        assertThat(Arrays.stream(bytes).min().orElseThrow())
                .as(Arrays.toString(bytes))
                .isGreaterThan(ENOUGH);
    }
}
