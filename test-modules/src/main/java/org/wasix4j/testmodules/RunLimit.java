package org.wasix4j.testmodules;

import java.lang.management.LockInfo;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * The limit of a whole run of tests. When it is over, what runs and the stacks of all threads are
 * printed, and the JVM ends, so that the build fails. Single tests have limits of their own; this
 * is for what they do not cover, such as a class that is never loaded or a test that cannot be
 * left.
 *
 * <p>Only a JVM with the system property {@value #PROPERTY} has such a limit: the build's.
 */
public final class RunLimit implements TestExecutionListener {

    static final String PROPERTY = "wasix4j.test.minutes";

    private static final int EXIT_CODE = 124;

    private final Set<String> running = ConcurrentHashMap.newKeySet();

    /** Set when there is a limit. */
    @SuppressWarnings("NullAway.Init")
    private Thread watch;

    @Override
    public void testPlanExecutionStarted(TestPlan plan) {
        int minutes = Integer.getInteger(PROPERTY, 0);
        if (minutes > 0) {
            watch = new Thread(() -> watch(minutes), "limit of the test run");
            watch.setDaemon(true);
            watch.start();
        }
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        if (watch != null) {
            watch.interrupt();
        }
    }

    @Override
    public void executionStarted(TestIdentifier test) {
        running.add(test.getUniqueId());
    }

    @Override
    public void executionFinished(
            TestIdentifier test, org.junit.platform.engine.TestExecutionResult result) {
        running.remove(test.getUniqueId());
    }

    private void watch(int minutes) {
        try {
            TimeUnit.MINUTES.sleep(minutes);
        } catch (InterruptedException e) {
            return;
        }
        System.err.println(
                "the test run has not ended after " + minutes + " minutes; running are:");
        running.stream().sorted().forEach(id -> System.err.println("  " + id));
        System.err.println(stacks());
        Runtime.getRuntime().halt(EXIT_CODE);
    }

    /** All threads with their whole stacks, and what they wait for. */
    static String stacks() {
        StringBuilder text = new StringBuilder();
        for (ThreadInfo thread :
                ManagementFactory.getThreadMXBean().dumpAllThreads(true, true, 200)) {
            text.append('"').append(thread.getThreadName()).append("\" ");
            text.append(thread.getThreadState());
            LockInfo lock = thread.getLockInfo();
            if (lock != null) {
                text.append(" on ").append(lock);
            }
            if (thread.getLockOwnerName() != null) {
                text.append(" of \"").append(thread.getLockOwnerName()).append('"');
            }
            text.append('\n');
            for (StackTraceElement frame : thread.getStackTrace()) {
                text.append("    at ").append(frame).append('\n');
            }
        }
        return text.toString();
    }
}
