package org.wasix4j.runtime.internal.lowering;

/**
 * Writes what is left of a function at the head of one of its loops. The blocks around the loop are
 * opened as in the function, so that each branch finds its own; what stands in front of the loop in
 * them is left out.
 *
 * <p>Unless there is a loop around: then that code is needed when the outer loop comes round. It is
 * skipped as long as a local says that the inner loop was not yet reached; and an {@code if} is
 * entered without its condition, by the arm that has the loop.
 */
final class LoopRemainder {

    private static final int NONE = -1;

    private final BlockTree tree;
    private final OutlineWriter writer;
    private final OutlineScope scope;
    private final Code code;

    /** The function, the blocks around the loop, and the loop. */
    private final int[] path;

    /** Which of these is the first loop. */
    private final int outermost;

    private LoopRemainder(BlockTree tree, int[] types, int loop) {
        this.tree = tree;
        this.writer = OutlineWriter.ofPieces(tree, types);
        this.scope = writer.scope();
        this.code = scope.code();
        this.path = path(tree, loop);
        int place = 1;
        while (!tree.isLoop(path[place])) {
            place++;
        }
        this.outermost = place;
    }

    /**
     * The function of the rest: locals and code.
     *
     * @param types those of the function's locals, which are the parameters
     * @param loop the block of the loop
     */
    static BinaryWriter write(BlockTree tree, int[] types, int loop) {
        LoopRemainder remainder = new LoopRemainder(tree, types, loop);
        remainder.enter();
        remainder.rest();
        return remainder
                .scope
                .finish()
                .close(
                        part -> {
                            throw new IllegalStateException("it has no parts");
                        },
                        global -> {
                            throw new IllegalStateException("it has no globals of its own");
                        });
    }

    /** The function, the blocks around one, and this one. */
    private static int[] path(BlockTree tree, int block) {
        int length = 1;
        for (int each = block; each != 0; each = outer(tree, each)) {
            length++;
        }
        int[] path = new int[length];
        for (int each = block; each != 0; each = outer(tree, each)) {
            path[--length] = each;
        }
        return path;
    }

    private static int outer(BlockTree tree, int block) {
        return tree.block(tree.opener(block));
    }

    // ---- to the head of the loop

    private void enter() {
        scope.open(0);
        int last = path.length - 1;
        int first = NONE;
        if (outermost < last) {
            first = scope.locals().add(ValueTypes.I32);
            code.i32(1).set(first);
        }
        for (int i = 1; i <= last; i++) {
            if (i > outermost) {
                skip(path[i - 1], path[i], first);
            }
            if (i == last && first != NONE) {
                code.i32(0).set(first);
            }
            open(i);
        }
    }

    private void open(int place) {
        int opener = tree.opener(path[place]);
        if (isHalved(place)) {
            scope.written().u8(Instruction.BLOCK);
            scope.written().raw(tree.bytes(), tree.start(opener) + 1, tree.end(opener));
            scope.open(path[place]);
        } else {
            writer.walk(opener, opener + 1);
        }
    }

    /** Whether it is an {@code if} of which only the arm with the loop is left. */
    private boolean isHalved(int place) {
        return place < outermost && tree.kind(path[place]) == Instruction.IF;
    }

    /** Writes what stands in a block in front of another one; it is skipped the first time. */
    private void skip(int block, int inner, int first) {
        int from = tree.opener(block) + 1;
        int to = tree.opener(inner);
        if (!isInFirstArm(block, inner)) {
            int behind = tree.otherwise(block) + 1;
            writer.walk(from, behind);
            from = behind;
        }
        if (tree.kind(inner) == Instruction.IF) {
            code.op(Instruction.BLOCK).out().u8(ValueTypes.I32);
            scope.opened();
            code.i32(isInFirstArm(inner, path[path.length - 1]) ? 1 : 0);
            code.get(first).op(Instruction.BR_IF, 0).op(Instruction.DROP);
        } else if (from < to) {
            scope.openBlock();
            code.get(first).op(Instruction.BR_IF, 0);
        } else {
            return;
        }
        writer.walk(from, to);
        scope.endBlock();
    }

    /** Whether a block is in front of the {@code else} of the one around it, if that has any. */
    private boolean isInFirstArm(int block, int inner) {
        return tree.otherwise(block) < 0 || tree.opener(inner) < tree.otherwise(block);
    }

    // ---- from there on

    private void rest() {
        int from = tree.opener(path[path.length - 1]) + 1;
        for (int i = outermost - 1; i > 0; i--) {
            int otherwise = tree.otherwise(path[i]);
            if (isHalved(i) && otherwise > from) {
                writer.walk(from, otherwise);
                from = tree.closer(path[i]);
            }
        }
        writer.walk(from, tree.size());
    }
}
