package org.wasix4j.benchmarks;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a program printed that times loops of its own: a line for each with its name, the
 * nanoseconds of its best round and a checksum.
 *
 * @param nanoseconds by the name of the loop
 * @param checksums likewise
 */
record TimedLoops(Map<String, Double> nanoseconds, Map<String, String> checksums) {

    /** Those of a guest of the benchmarks, under wasix-run. */
    static TimedLoops ofGuest(Bench bench, String guest) {
        Path module = bench.settings().guest(guest);
        return run(bench, bench.guestCommand(module, List.of(), List.of()));
    }

    /** Those of the native program of that name. */
    static TimedLoops ofNative(Bench bench, String program) {
        return run(bench, List.of(bench.settings().nativeProgram(program).toString()));
    }

    /** Those of a guest under each other runtime that is there and runs it. */
    static Map<Contender, TimedLoops> ofPeers(Bench bench, String guest) {
        Map<Contender, TimedLoops> all = new EnumMap<>(Contender.class);
        Path module = bench.settings().guest(guest);
        for (Contender peer : bench.peers().present()) {
            try {
                all.put(peer, run(bench, bench.peers().command(peer, module, List.of())));
            } catch (BenchmarkException e) {
                bench.say(peer.title() + " is left out: " + e.getMessage());
            }
        }
        return all;
    }

    /** Fails when another program did not answer the same. */
    void requireSame(TimedLoops other, String loop) {
        if (!checksums.get(loop).equals(other.checksums.get(loop))) {
            throw new BenchmarkException("the builds of " + loop + " differ in what they answer");
        }
    }

    private static TimedLoops run(Bench bench, List<String> command) {
        TimedLoops times = new TimedLoops(new LinkedHashMap<>(), new LinkedHashMap<>());
        for (String line : bench.output(command, "loops")) {
            int checksum = line.lastIndexOf(' ');
            int time = line.lastIndexOf(' ', checksum - 1);
            String loop = line.substring(0, time);
            times.nanoseconds().put(loop, Double.parseDouble(line.substring(time + 1, checksum)));
            times.checksums().put(loop, line.substring(checksum + 1));
        }
        return times;
    }
}
