package org.wasix4j.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.runtime.WasixModule;
import org.wasix4j.runtime.WasixProcess;
import org.wasix4j.runtime.WasixRuntime;

/**
 * A JVM with many guests: {@code GuestMemory MODULE COUNT...} prints a line for each number of
 * guests, from small to large: the resident bytes with so many, and the median of the nanoseconds
 * that those took to start that came since the line before. Every guest is a server that listens.
 */
public final class GuestMemory {

    private GuestMemory() {}

    public static void main(String[] words)
            throws IOException, InterruptedException, TimeoutException {
        WasixModule module = WasixModule.load(Path.of(words[0]));
        WasixRuntime runtime =
                WasixRuntime.builder()
                        .withArguments("0", "127.0.0.1")
                        .withNetworkPolicy(NetworkPolicy.allowAll())
                        .withStderr(System.err)
                        .build();
        List<WasixProcess> guests = new ArrayList<>();
        for (String count : List.of(words).subList(1, words.length)) {
            List<Double> nanos = new ArrayList<>();
            while (guests.size() < Integer.parseInt(count)) {
                long begin = System.nanoTime();
                guests.add(start(runtime, module));
                nanos.add((double) (System.nanoTime() - begin));
            }
            System.out.println(resident() + " " + Numbers.median(nanos));
        }
        guests.forEach(WasixProcess::destroy);
    }

    private static WasixProcess start(WasixRuntime runtime, WasixModule module)
            throws TimeoutException, InterruptedException {
        WasixProcess guest = runtime.start(module);
        guest.awaitListening(Duration.ofSeconds(30));
        return guest;
    }

    private static long resident() throws InterruptedException {
        for (int i = 0; i < 4; i++) {
            System.gc();
            Thread.sleep(200);
        }
        return ProcFiles.residentBytes(ProcessHandle.current().pid());
    }
}
