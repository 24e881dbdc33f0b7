package org.wasix4j.runtime.internal.lowering;

import java.util.Arrays;
import org.wasix4j.types.Nullable;

/**
 * The stack as the original function sees it. Other values than vectors are on the real stack, in
 * their order; a vector lies in locals until something needs it on the real stack, as two i64.
 */
final class OperandStack {

    /** So many vectors can be on the stack at once. */
    private static final int MOST_VECTORS = 1_000;

    private final Code code;
    private final LocalPool locals;
    private int[] types = new int[32];
    private Vector[] vectors = new Vector[32];

    /** Where the vectors are. */
    private final int[] places = new int[MOST_VECTORS];

    private int count;

    /** Below this, all values that are no vectors are in locals for a while. */
    private int savedTo;

    private int size;

    OperandStack(Code code, LocalPool locals) {
        this.code = code;
        this.locals = locals;
    }

    int size() {
        return size;
    }

    /** Pushes a value that is on the real stack. */
    void push(int type) {
        add(type, null);
    }

    /** Pushes a vector whose locals are already counted. */
    void push(Vector vector) {
        add(ValueTypes.V128, vector);
    }

    /** Pushes a vector and counts its locals. */
    void pushShared(Vector vector) {
        for (int i = 0; i < vector.shape().parts(); i++) {
            locals.retain(vector.local(i));
        }
        push(vector);
    }

    private void add(int type, @Nullable Vector vector) {
        if (size == types.length) {
            types = Arrays.copyOf(types, 2 * size);
            vectors = Arrays.copyOf(vectors, 2 * size);
        }
        types[size] = type;
        if (vector != null) {
            if (count == MOST_VECTORS) {
                throw new UnsupportedException(
                        "has more than " + MOST_VECTORS + " vectors on its stack");
            }
            places[count++] = size;
        }
        vectors[size++] = vector;
    }

    /** The type of the value at the top. */
    int topType() {
        check(1);
        return types[size - 1];
    }

    /** Pops a value that is on the real stack; answers its type. */
    int pop() {
        check(1);
        if (vectors[--size] != null) {
            throw mismatch();
        }
        return types[size];
    }

    /** The constant vector at the top, or null when something else is there. */
    @Nullable
    Vector topConstant() {
        Vector vector = size == 0 ? null : vectors[size - 1];
        return vector != null && vector.isConstant() ? vector : null;
    }

    /**
     * Notes which bits either half of the vector at the top may have.
     *
     * @param height how many values were there before it; it may have gone to a local instead
     */
    void know(int height, long possible) {
        Vector vector = size > height ? vectors[size - 1] : null;
        if (vector != null && !vector.isConstant()) {
            vectors[size - 1] = vector.knowing(possible);
        }
    }

    /** Pops a vector; its locals stay counted until {@link #release}. */
    Vector popVector() {
        check(1);
        Vector vector = vectors[--size];
        if (vector == null) {
            throw mismatch();
        }
        vectors[size] = null;
        count--;
        return vector;
    }

    private void check(int count) {
        if (count > size) {
            throw new MalformedException("it is damaged: an instruction lacks its operands");
        }
    }

    private static MalformedException mismatch() {
        return new MalformedException(
                "it is damaged: an instruction has operands of the wrong type");
    }

    /** The locals of a vector that was popped are no longer needed. */
    void release(Vector vector) {
        for (int i = 0; i < vector.shape().parts(); i++) {
            locals.release(vector.local(i));
        }
    }

    /** Forgets all above a height. */
    void cut(int height) {
        while (size > height) {
            Vector vector = vectors[--size];
            vectors[size] = null;
            if (vector != null) {
                count--;
                release(vector);
            }
        }
    }

    /** Copies the vectors that lie in locals of the function's own, before a block begins. */
    void settle() {
        if (locals.isAnyOwnUsed()) {
            for (int i = 0; i < count; i++) {
                vectors[places[i]] = settled(vectors[places[i]], -1);
            }
        }
    }

    /** Copies the vectors that lie in a local, before that is written. */
    void spill(int local) {
        if (locals.isUsed(local)) {
            for (int i = 0; i < count; i++) {
                vectors[places[i]] = settled(vectors[places[i]], local);
            }
        }
    }

    /** A vector with copies of the parts in a local, or in any of the function's own. */
    private Vector settled(Vector vector, int local) {
        Vector settled = vector;
        for (int part = 0; part < vector.shape().parts(); part++) {
            int from = vector.local(part);
            if (local >= 0 ? from == local : locals.isOwn(from)) {
                int to = locals.take(vector.shape().type());
                code.get(from).set(to);
                locals.release(from);
                settled = settled.with(part, to);
            }
        }
        return settled;
    }

    /**
     * Puts the topmost values on the real stack, vectors as two i64, and pops them.
     *
     * @param count how many
     */
    void materialize(int count) {
        check(count);
        int lowest = size - count;
        while (lowest < size && vectors[lowest] == null) {
            lowest++;
        }
        int[] kept = new int[size - lowest];
        for (int i = size - 1; i >= lowest; i--) {
            if (vectors[i] == null) {
                kept[i - lowest] = locals.take(types[i]);
                code.set(kept[i - lowest]);
            }
        }
        for (int i = lowest; i < size; i++) {
            if (vectors[i] == null) {
                code.get(kept[i - lowest]);
                locals.release(kept[i - lowest]);
            } else {
                code.value(vectors[i].longPart(0)).value(vectors[i].longPart(1));
                release(vectors[i]);
                vectors[i] = null;
                this.count--;
            }
        }
        size -= count;
    }

    /**
     * Saves all values that are on the real stack, as the engine loses them when an exception is
     * caught; but for those at the top, which are no longer known here. They stay known.
     *
     * @param above the types of these
     * @return the temporary locals, in use, with what was saved, the lowest first
     */
    int[] save(int[] above) {
        int number = 0;
        for (int i = savedTo; i < size; i++) {
            number += vectors[i] == null ? 1 : 0;
        }
        int[] kept = new int[number];
        if (number > 0) {
            int[] lifted = lift(above);
            for (int i = size - 1; number > 0; i--) {
                if (vectors[i] == null) {
                    kept[--number] = locals.take(types[i]);
                    code.set(kept[number]);
                }
            }
            lower(lifted);
        }
        savedTo = size;
        return kept;
    }

    /** Below which height all values that are no vectors were saved. */
    int savedTo() {
        return savedTo;
    }

    /**
     * Puts back what was saved, under values that are no longer known here, or not yet.
     *
     * @param before what {@link #savedTo} was before that
     */
    void restore(int[] kept, int[] above, int before) {
        savedTo = before;
        if (kept.length > 0) {
            int[] lifted = lift(above);
            for (int local : kept) {
                code.get(local);
                locals.release(local);
            }
            lower(lifted);
        }
    }

    private int[] lift(int[] above) {
        int[] real = ValueTypes.lowered(above);
        int[] lifted = new int[real.length];
        for (int i = real.length - 1; i >= 0; i--) {
            lifted[i] = locals.take(real[i]);
            code.set(lifted[i]);
        }
        return lifted;
    }

    private void lower(int[] lifted) {
        for (int local : lifted) {
            code.get(local);
            locals.release(local);
        }
    }

    /**
     * Takes values from the real stack, as {@link #materialize} put them there, and pushes them.
     */
    void absorb(int[] taken) {
        int lowest = 0;
        while (lowest < taken.length && taken[lowest] != ValueTypes.V128) {
            push(taken[lowest++]);
        }
        int[] kept = new int[taken.length];
        int[] upper = new int[taken.length];
        for (int i = taken.length - 1; i >= lowest; i--) {
            if (taken[i] == ValueTypes.V128) {
                upper[i] = locals.take(ValueTypes.I64);
                code.set(upper[i]);
                kept[i] = locals.take(ValueTypes.I64);
            } else {
                kept[i] = locals.take(taken[i]);
            }
            code.set(kept[i]);
        }
        for (int i = lowest; i < taken.length; i++) {
            if (taken[i] == ValueTypes.V128) {
                push(Vector.in(Shape.LONGS, new int[] {kept[i], upper[i]}, Shapes.NONE));
            } else {
                code.get(kept[i]);
                locals.release(kept[i]);
                push(taken[i]);
            }
        }
    }
}
