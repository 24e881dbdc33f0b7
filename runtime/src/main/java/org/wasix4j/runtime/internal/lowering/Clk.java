package org.wasix4j.runtime.internal.lowering;

public final class Clk {
    static final long T0 = java.lang.management.ManagementFactory.getRuntimeMXBean().getStartTime();
    static final java.lang.StringBuilder SB = new StringBuilder();
    static volatile long last = T0;

    public static synchronized void t(String s) {
        long n = System.currentTimeMillis();
        SB.append(n - T0)
                .append(" +")
                .append(n - last)
                .append(' ')
                .append(s)
                .append(' ')
                .append(Thread.currentThread().getName())
                .append('\n');
        last = n;
    }

    static {
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> {
                                    System.err.print(
                                            SB
                                                    + "CLK end "
                                                    + (System.currentTimeMillis() - T0)
                                                    + "\n");
                                }));
    }
}
