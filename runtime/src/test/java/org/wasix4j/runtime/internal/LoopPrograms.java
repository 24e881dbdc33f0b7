package org.wasix4j.runtime.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Functions of loops, blocks, conditions, switches and exceptions at random. They end, as each loop
 * counts a local down when it comes round.
 */
final class LoopPrograms {

    /**
     * Locals that the code computes with, the parameter among them, behind them one that counts.
     */
    private static final int VARIABLES = 5;

    private static final int LEFT = VARIABLES;
    private static final int ROUNDS = 40;
    private static final int MOST_DEPTH = 5;

    /** The locals that are no parameter. */
    static final String LOCALS = "i32 i32 i32 i32 i32";

    private final Random random;
    private final StringBuilder text = new StringBuilder();

    /** What a branch to each open block carries: an i32 or nothing, the innermost block last. */
    private final List<Boolean> open = new ArrayList<>();

    private LoopPrograms(long seed) {
        random = new Random(seed);
    }

    /** The code of a function from i32 to i32. */
    static String code(long seed) {
        return code(seed, ROUNDS);
    }

    /** The same, with so many rounds of all loops at most. */
    static String code(long seed, int rounds) {
        LoopPrograms program = new LoopPrograms(seed);
        program.add("i32.const " + rounds + " local.set " + LEFT);
        program.open.add(true);
        program.statements(4);
        program.loop();
        program.statements(2);
        program.value();
        return program.text.toString();
    }

    private void add(String code) {
        text.append(code).append(' ');
    }

    private int variable() {
        return random.nextInt(VARIABLES);
    }

    /** Pushes an i32. */
    private void value() {
        add("local.get " + variable() + " i32.const " + random.nextInt(9) + " i32.add");
    }

    /** Pushes whether to do something. */
    private void condition() {
        value();
        add("i32.const " + (1 << random.nextInt(3)) + " i32.and");
    }

    private void statements(int most) {
        for (int i = random.nextInt(most + 1); i > 0; i--) {
            statement();
        }
    }

    private void statement() {
        int kind = random.nextInt(open.size() > MOST_DEPTH ? 6 : 14);
        switch (kind) {
            case 0, 1 -> {
                value();
                add("local.set " + variable());
            }
            case 2 -> {
                value();
                add("call 0");
            }
            case 3, 4 -> branchIf();
            case 5 -> leave();
            case 6, 7, 8 -> loop();
            case 9 -> block();
            case 10, 11 -> either();
            case 12 -> handler();
            default -> choice();
        }
    }

    private void branchIf() {
        int label = random.nextInt(open.size());
        if (carries(label)) {
            value();
        }
        condition();
        add("br_if " + label);
        if (carries(label)) {
            add("local.set " + variable());
        }
    }

    private boolean carries(int label) {
        return open.get(open.size() - 1 - label);
    }

    /** Behind a condition: a branch, a return, an exception, a trap; then code never reached. */
    private void leave() {
        condition();
        add("if -");
        open.add(false);
        switch (random.nextInt(5)) {
            case 0 -> {
                value();
                add("return");
            }
            case 1 -> {
                value();
                add("throw 0");
            }
            case 2 -> {
                value();
                value();
                value();
                add("i32.const 3 i32.and i32.div_u call 0");
                add("br 0");
            }
            default -> {
                int label = random.nextInt(open.size());
                if (carries(label)) {
                    value();
                }
                add("br " + label);
            }
        }
        if (random.nextBoolean()) {
            add("loop - i32.const 1 br_if 1 br 0 end i32.add drop");
        }
        close();
    }

    private void close() {
        add("end");
        open.remove(open.size() - 1);
    }

    private void loop() {
        boolean valued = random.nextInt(3) == 0;
        add(valued ? "loop i32" : "loop -");
        open.add(false);
        add("local.get " + LEFT + " i32.const 1 i32.sub local.tee " + LEFT);
        add("i32.eqz if - local.get " + variable() + " return end");
        statements(3);
        if (random.nextInt(3) > 0) {
            condition();
            add("br_if 0");
        }
        statements(1);
        if (valued) {
            value();
        }
        close();
        if (valued) {
            add("local.set " + variable());
        }
    }

    private void block() {
        boolean valued = random.nextBoolean();
        add(valued ? "block i32" : "block -");
        open.add(valued);
        statements(3);
        if (valued) {
            value();
        }
        close();
        if (valued) {
            add("call 0");
        }
    }

    private void either() {
        boolean valued = random.nextInt(3) == 0;
        if (random.nextInt(4) == 0) {
            // its condition is what a block leaves
            add("block i32");
            open.add(true);
            statements(2);
            condition();
            close();
        } else {
            condition();
        }
        add(valued ? "if i32" : "if -");
        open.add(valued);
        statements(3);
        if (valued) {
            value();
        }
        if (valued || random.nextBoolean()) {
            add("else");
            statements(3);
        }
        if (valued) {
            value();
        }
        close();
        if (valued) {
            add("local.set " + variable());
        }
    }

    private void handler() {
        add("block - block i32 try_table -");
        add(random.nextBoolean() ? "catch:0:0" : "catch:0:0,catch_all:1");
        open.addAll(List.of(false, true, false));
        // the engine makes no valid class of a try without code
        add("i32.const 1 call 0");
        statements(3);
        close();
        value();
        close();
        add("local.set " + variable());
        statements(1);
        close();
    }

    private void choice() {
        add("block - block - block -");
        open.addAll(List.of(false, false, false));
        List<String> labels = new ArrayList<>();
        for (int i = 2 + random.nextInt(4); i > 0; i--) {
            int label = random.nextInt(open.size());
            if (!carries(label)) {
                labels.add(String.valueOf(label));
            }
        }
        labels.add("0");
        value();
        add("i32.const 7 i32.and br_table " + String.join(",", labels));
        for (int i = 0; i < 3; i++) {
            close();
            statements(2);
        }
    }
}
