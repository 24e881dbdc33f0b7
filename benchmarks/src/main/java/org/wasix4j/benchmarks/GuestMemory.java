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
 * A JVM with many guests: {@code GuestMemory MODULE COUNT} prints the resident bytes with one
 * guest, and how much it grew for each of the others. Every guest is a server that listens.
 */
public final class GuestMemory {

    private GuestMemory() {}

    public static void main(String[] words)
            throws IOException, InterruptedException, TimeoutException {
        WasixModule module = WasixModule.load(Path.of(words[0]));
        int count = Integer.parseInt(words[1]);
        WasixRuntime runtime =
                WasixRuntime.builder()
                        .withArguments("0", "127.0.0.1")
                        .withNetworkPolicy(NetworkPolicy.allowAll())
                        .withStderr(System.err)
                        .build();
        List<WasixProcess> guests = new ArrayList<>();
        guests.add(start(runtime, module));
        long one = resident();
        while (guests.size() < count) {
            guests.add(start(runtime, module));
        }
        long all = resident();
        System.out.println(one + " " + (all - one) / (count - 1));
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
