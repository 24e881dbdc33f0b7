package org.wasix4j.runtime.internal.lowering;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import org.wasix4j.types.Nullable;

/**
 * Chooses what of a function becomes functions of their own, from the innermost blocks outwards,
 * until what is left of each block is small enough.
 *
 * <p>Blocks that begin one in another, as those of a switch do, are a chain: of what stands behind
 * them, several pieces make one function, so that the switch is left with few calls.
 */
final class Outlines {

    /** About how much code a call of an outlined function takes. */
    private static final int CALL = 90;

    /** And each entry of one that is entered at several places. */
    private static final int ENTRY = 8;

    private final BlockTree tree;

    /** A function is to have so much code, about. */
    private final int most;

    private final List<Outline> chosen = new ArrayList<>();

    /** By block: the block inside of it that its chain goes on with, or -1. */
    private final int[] inner;

    /** By block: how many blocks are in the chain that begins with it. */
    private final int[] length;

    /** By block: the size of what stands behind its inner one. */
    private final int[] behind;

    /** By block: whether that may be outlined. */
    private final boolean[] movable;

    /** By block: how much code it has that is not outlined. */
    private final int[] size;

    private final Deque<Body> open = new ArrayDeque<>();

    /** What stands between two places at which no value of a block is on the stack. */
    private static final class Statement {
        private final int from;
        private int to;
        private int size;

        /** The block that it consists of, or -1. */
        private int block = BlockTree.NO_BLOCK;

        /** The opener of the outermost block that it has to be together with. */
        private int needs = Integer.MAX_VALUE;

        Statement(int from) {
            this.from = from;
        }

        boolean isMovable() {
            return needs >= from;
        }
    }

    /** The statements of a block, or of half of an if. */
    private static final class Body {
        private final int block;
        private final List<Statement> statements = new ArrayList<>();
        private Statement current;

        /** Of the first half of an if, when this is the second. */
        private int sizeBefore;

        private int needs = Integer.MAX_VALUE;

        Body(int block, int from) {
            this.block = block;
            this.current = new Statement(from);
        }

        int total() {
            return size(statements);
        }
    }

    private Outlines(BlockTree tree, int most) {
        this.tree = tree;
        this.most = most;
        int blocks = tree.blocks();
        inner = new int[blocks];
        length = new int[blocks];
        behind = new int[blocks];
        movable = new boolean[blocks];
        size = new int[blocks];
    }

    /** What is to be outlined; those that others have inside come first. */
    static List<Outline> choose(BlockTree tree, int most) {
        Outlines outlines = new Outlines(tree, most);
        outlines.walk();
        outlines.chosen.sort(Comparator.comparingInt(outline -> outline.to() - outline.from()));
        return outlines.chosen;
    }

    private void walk() {
        open.push(new Body(0, 0));
        for (int i = 0; i < tree.size(); i++) {
            switch (tree.code(i)) {
                case Instruction.END -> {
                    Body body = open.pop();
                    close(body, i);
                    if (open.isEmpty()) {
                        return;
                    }
                    Statement around = open.peek().current;
                    around.block =
                            around.from == tree.opener(body.block)
                                    ? body.block
                                    : BlockTree.NO_BLOCK;
                    count(i, size[body.block], body.needs);
                }
                case Instruction.ELSE -> {
                    Body first = open.pop();
                    close(first, i);
                    Body second = new Body(first.block, i + 1);
                    second.sizeBefore = size[first.block];
                    second.needs = first.needs;
                    if (tree.type(first.block).parameters().length > 0) {
                        second.current.needs = tree.opener(first.block);
                    }
                    open.push(second);
                }
                case Instruction.BLOCK, Instruction.LOOP, Instruction.IF, Instruction.TRY_TABLE -> {
                    Statement around = open.peek().current;
                    around.size += cost(i);
                    for (int target : tree.targets(i)) {
                        around.needs = Math.min(around.needs, tree.opener(target));
                    }
                    Body inside = new Body(tree.own(i), i + 1);
                    if (tree.type(tree.own(i)).parameters().length > 0) {
                        inside.current.needs = i;
                    }
                    open.push(inside);
                }
                case Instruction.RETURN_CALL,
                        Instruction.RETURN_CALL_INDIRECT,
                        Instruction.RETURN_CALL_REF -> {
                    open.peek().current.block = BlockTree.NO_BLOCK;
                    count(i, cost(i), -1);
                }
                default -> {
                    open.peek().current.block = BlockTree.NO_BLOCK;
                    count(i, cost(i), Integer.MAX_VALUE);
                }
            }
        }
    }

    private int cost(int i) {
        return JavaSize.of(tree.code(i)) + JavaSize.SWITCH_ENTRY * tree.targets(i).length;
    }

    /** Counts what ends with an instruction; perhaps a statement does, too. */
    private void count(int i, int more, int needs) {
        Body body = open.peek();
        Statement current = body.current;
        current.size += more;
        current.needs = Math.min(current.needs, needs);
        if (tree.height(i) == tree.base(body.block) || tree.endsPath(i)) {
            current.to = i + 1;
            body.statements.add(current);
            body.current = new Statement(i + 1);
        }
    }

    private void close(Body body, int end) {
        int block = body.block;
        if (body.current.size > 0) {
            // it leaves the block's results on the stack: it can move with its block only
            body.current.to = end;
            body.current.needs = Math.min(body.current.needs, tree.opener(block));
            body.statements.add(body.current);
        }
        for (Statement each : body.statements) {
            body.needs = Math.min(body.needs, each.needs);
        }
        Statement spine = isLink(block) ? spine(body) : null;
        for (Statement statement : body.statements) {
            if (statement != spine && statement.block >= 0 && isLink(statement.block)) {
                statement.size -= splitChain(statement.block);
            }
        }
        length[block] = 1;
        inner[block] = BlockTree.NO_BLOCK;
        if (spine == null) {
            reduce(body.statements, block, block == 0 ? most : part());
        } else {
            int at = body.statements.indexOf(spine);
            List<Statement> after = body.statements.subList(at + 1, body.statements.size());
            reduce(body.statements.subList(0, at), block, part());
            reduce(after, block, part());
            inner[block] = spine.block;
            length[block] += length[spine.block];
            behind[block] = size(after);
            movable[block] = areMovable(after);
        }
        size[block] = body.total() + body.sizeBefore + 1;
    }

    /** An outlined function is to have so much code, about. */
    private int part() {
        return most * 5 / 6;
    }

    /** Less is not worth a call. */
    private int least() {
        return Math.max(most / 20, CALL + 10);
    }

    /** Whether a block can be in a chain: it is only left by its end, and by plain branches. */
    private boolean isLink(int block) {
        FunctionType type = tree.type(block);
        return block != 0
                && tree.kind(block) == Instruction.BLOCK
                && type.parameters().length == 0
                && type.results().length == 0
                && !tree.isCaughtAt(block);
    }

    /** The statement with which a chain goes on: that with the longest one. */
    private @Nullable Statement spine(Body body) {
        Statement found = null;
        for (Statement each : body.statements) {
            if (each.block >= 0
                    && isLink(each.block)
                    && (found == null || length[each.block] > length[found.block])) {
                found = each;
            }
        }
        return found;
    }

    /** Outlines what stands behind the blocks of a chain; answers how much less is left. */
    private int splitChain(int outermost) {
        int excess = size[outermost] - part();
        if (excess <= 0 || length[outermost] < 2) {
            return 0;
        }
        int[] chain = new int[length[outermost]];
        int next = outermost;
        for (int i = chain.length - 1; i >= 0; i--) {
            chain[i] = next;
            next = inner[next];
        }
        List<Outline> groups = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        int first = 0;
        int sum = 0;
        for (int i = 0; i < chain.length; i++) {
            boolean last = i == chain.length - 1;
            int own = last ? 0 : behind[chain[i + 1]];
            boolean moves = !last && movable[chain[i + 1]];
            if (!moves || sum + own > part()) {
                if (sum >= least()) {
                    groups.add(group(chain, first, i));
                    sizes.add(sum);
                }
                first = moves ? i : i + 1;
                sum = 0;
            }
            sum += moves ? own + ENTRY : 0;
        }
        return take(groups, sizes, excess);
    }

    private Outline group(int[] chain, int first, int end) {
        int[] entries = java.util.Arrays.copyOfRange(chain, first, end);
        return new Outline(
                tree.closer(chain[first]) + 1, tree.closer(chain[end]), chain[end], entries);
    }

    /** Chooses the largest ones first, until enough is gone; answers how much that is. */
    private int take(List<Outline> candidates, List<Integer> sizes, int excess) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < candidates.size(); i++) {
            order.add(i);
        }
        order.sort(Comparator.comparingInt(i -> -sizes.get(i)));
        int gone = 0;
        for (int i : order) {
            if (gone >= excess) {
                break;
            }
            Outline outline = candidates.get(i);
            chosen.add(outline);
            gone += sizes.get(i) - CALL - ENTRY * outline.entries().length;
        }
        return gone;
    }

    /** Outlines statements until those of a list have no more than so much code. */
    private void reduce(List<Statement> statements, int block, int budget) {
        int total = size(statements);
        if (total <= budget) {
            return;
        }
        List<List<Statement>> runs = new ArrayList<>();
        List<Statement> run = new ArrayList<>();
        int sum = 0;
        for (Statement each : statements) {
            boolean moves = each.isMovable() && each.size <= part();
            if (!moves || sum + each.size > part()) {
                runs.add(run);
                run = new ArrayList<>();
                sum = 0;
            }
            if (moves) {
                run.add(each);
                sum += each.size;
            }
        }
        runs.add(run);
        runs.sort(Comparator.comparingInt(each -> -size(each)));
        int left = total;
        for (List<Statement> each : runs) {
            if (left <= budget || size(each) < least()) {
                break;
            }
            left -= size(each) - CALL;
            chosen.add(
                    new Outline(each.get(0).from, each.get(each.size() - 1).to, block, new int[0]));
            for (Statement statement : each) {
                statement.size = 0;
            }
            each.get(0).size = CALL;
        }
    }

    // no streams: this is mostly run once, before the JVM has compiled it

    private static int size(List<Statement> statements) {
        int size = 0;
        for (int i = 0; i < statements.size(); i++) {
            size += statements.get(i).size;
        }
        return size;
    }

    private static boolean areMovable(List<Statement> statements) {
        for (Statement each : statements) {
            if (!each.isMovable()) {
                return false;
            }
        }
        return true;
    }
}
