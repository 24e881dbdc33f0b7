package org.wasix4j.system.thread;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.wasix4j.system.thread.WaitQueue.Outcome;

/**
 * What threads did with one address of a wait queue, and whether one thread could have done it: the
 * search of Wing and Gong for an order of the operations that a first-come-first-woken queue
 * explains and that contradicts no "this had ended before that began".
 *
 * <p>A wait is two steps, since others act while it waits: it enters the queue (or finds another
 * value), and it leaves as woken or in vain. All else is one step.
 */
final class WaitHistory {

    private final AtomicLong clock = new AtomicLong();
    private final List<Operation> operations = new ArrayList<>();

    /** Something that a thread did, from its call to its return. */
    static final class Operation {
        private final long called;
        private long returned;
        private final String name;
        private final int argument;
        private int count;
        private Outcome outcome;

        private Operation(long called, String name, int argument) {
            this.called = called;
            this.name = name;
            this.argument = argument;
        }

        private boolean isWait() {
            return name.equals("wait");
        }

        @Override
        public String toString() {
            return "%d-%d %s(%d): %s"
                    .formatted(called, returned, name, argument, isWait() ? outcome : count);
        }
    }

    private synchronized Operation begin(String name, int argument) {
        Operation operation = new Operation(clock.getAndIncrement(), name, argument);
        operations.add(operation);
        return operation;
    }

    /** The word is set. */
    Operation store(int value) {
        return begin("store", value);
    }

    /** A wait begins. */
    Operation await(int expected) {
        return begin("wait", expected);
    }

    /** A wake begins. */
    Operation wake(int most) {
        return begin("wake", most);
    }

    /** An operation has ended. */
    void ended(Operation operation, int count, Outcome outcome) {
        operation.count = count;
        operation.outcome = outcome;
        operation.returned = clock.getAndIncrement();
    }

    /** How the waits ended. */
    List<Outcome> outcomes() {
        return operations.stream().filter(Operation::isWait).map(wait -> wait.outcome).toList();
    }

    /** Whether there is such an order; the word is 0 at first. */
    boolean isExplained() {
        return new Search().from(new int[operations.size()], 0, List.of(), Set.of());
    }

    @Override
    public String toString() {
        return operations.toString();
    }

    private final class Search {

        private final Set<List<Object>> seen = new HashSet<>();

        /**
         * Whether the rest can be put in order.
         *
         * @param steps how many steps of each operation were done, -1 when it is complete
         * @param queue who waits, by number
         * @param woken who was taken out of the queue and has not left
         */
        private boolean from(int[] steps, int value, List<Integer> queue, Set<Integer> woken) {
            long firstReturn = Long.MAX_VALUE;
            List<Object> state = new ArrayList<>(List.of(value, queue, woken));
            for (int i = 0; i < steps.length; i++) {
                state.add(steps[i]);
                if (steps[i] >= 0) {
                    firstReturn = Math.min(firstReturn, operations.get(i).returned);
                }
            }
            if (firstReturn == Long.MAX_VALUE) {
                return queue.isEmpty() && woken.isEmpty();
            }
            if (!seen.add(state)) {
                return false;
            }
            for (int i = 0; i < steps.length; i++) {
                if (steps[i] >= 0
                        && operations.get(i).called < firstReturn
                        && step(i, steps, value, queue, woken)) {
                    return true;
                }
            }
            return false;
        }

        private boolean step(
                int i, int[] steps, int value, List<Integer> queue, Set<Integer> woken) {
            Operation operation = operations.get(i);
            List<Integer> queueAfter = new ArrayList<>(queue);
            Set<Integer> wokenAfter = new HashSet<>(woken);
            int valueAfter = value;
            int[] stepsAfter = steps.clone();
            stepsAfter[i] = -1;
            boolean possible = true;
            if (operation.name.equals("store")) {
                valueAfter = operation.argument;
            } else if (operation.name.equals("wake")) {
                for (int n = 0; n < operation.argument && !queueAfter.isEmpty(); n++) {
                    wokenAfter.add(queueAfter.remove(0));
                }
                possible = wokenAfter.size() - woken.size() == operation.count;
            } else if (steps[i] == 0 && operation.outcome == Outcome.NOT_EQUAL) {
                possible = value != operation.argument;
            } else if (steps[i] == 0) {
                possible = value == operation.argument;
                queueAfter.add(i);
                stepsAfter[i] = 1;
            } else if (operation.outcome == Outcome.WOKEN) {
                possible = wokenAfter.remove(i);
            } else {
                possible = queueAfter.remove((Integer) i);
            }
            return possible && from(stepsAfter, valueAfter, queueAfter, wokenAfter);
        }
    }
}
