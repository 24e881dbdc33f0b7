package org.wasix4j.hostile;

/** The descriptor that the threads of one guest are after, so that they meet. */
final class Focus {

    private volatile int fd;

    /** What a thread is to use: mostly what it has chosen, often what the others are after. */
    int of(int chosen, Choices choices) {
        if (choices.percent(40)) {
            return fd;
        }
        if (choices.percent(10)) {
            fd = chosen;
        }
        return chosen;
    }
}
