package org.wasix4j.benchmarks;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What single calls cost, as the guest "calls" measures them. */
final class CallFigures {

    private CallFigures() {}

    /** A call, and how many of them are one measurement. */
    private record Call(char letter, String title, int count) {}

    /** Both programs with idle connections, ready for orders. */
    private static final class Pair implements AutoCloseable {
        private final Program nativeProgram;
        private final Program guest;
        private final LoadClient.Calls nativeCalls;
        private final LoadClient.Calls guestCalls;
        private final Bench bench;

        Pair(Bench bench, int idle) {
            this.bench = bench;
            List<String> arguments = List.of("0", "127.0.0.1", Integer.toString(idle));
            nativeProgram = bench.startNative("calls", arguments);
            Program started = null;
            LoadClient.Calls first = null;
            try {
                started = bench.startGuest(bench.settings().guest("calls"), List.of(), arguments);
                first = bench.load().calls(nativeProgram.port(), idle);
                nativeCalls = first;
                guestCalls = bench.load().calls(started.port(), idle);
            } catch (RuntimeException e) {
                nativeProgram.close();
                if (started != null) {
                    started.close();
                }
                if (first != null) {
                    first.close();
                }
                throw e;
            }
            guest = started;
        }

        /** In turn, some rounds; in nanoseconds. */
        Row measure(Call call) {
            warmUp(call);
            List<Double> own = new ArrayList<>();
            List<Double> base = new ArrayList<>();
            List<Double> ratios = new ArrayList<>();
            for (int round = 0; round < 2 * bench.settings().rounds() + 1; round++) {
                double there = nativeCalls.nanos(call.letter(), call.count());
                double here = guestCalls.nanos(call.letter(), call.count());
                base.add(there);
                own.add(here);
                ratios.add(here / there);
            }
            Map<Contender, Double> values = new EnumMap<>(Contender.class);
            values.put(Contender.NATIVE, Numbers.median(base) / 1e3);
            values.put(Contender.GUEST, Numbers.median(own) / 1e3);
            Row row =
                    new Row(
                            call.title(),
                            "us",
                            false,
                            values,
                            Map.of(Contender.GUEST, Numbers.median(ratios)),
                            Double.NaN,
                            "",
                            null);
            bench.say(
                    String.format(
                            "%s: native %s, guest %s us",
                            call.title(),
                            Numbers.value(row.value(Contender.NATIVE)),
                            Numbers.value(row.value(Contender.GUEST))));
            return row;
        }

        private void warmUp(Call call) {
            long end = System.nanoTime() + bench.settings().warmUps() * 500_000_000L;
            while (System.nanoTime() < end) {
                guestCalls.nanos(call.letter(), call.count());
            }
            nativeCalls.nanos(call.letter(), call.count());
        }

        @Override
        public void close() {
            nativeCalls.close();
            guestCalls.close();
            nativeProgram.close();
            guest.close();
        }
    }

    /** What a host call costs. */
    static final class HostCalls implements Figure {
        @Override
        public String name() {
            return "calls";
        }

        @Override
        public List<Row> take(Bench bench) {
            try (Pair pair = new Pair(bench, 0)) {
                return List.of(
                        pair.measure(new Call('c', "clock_time_get", 100_000)),
                        pair.measure(new Call('s', "sock_send of 64 bytes", 6_400)),
                        pair.measure(new Call('r', "sock_recv of 64 bytes", 6_400)),
                        pair.measure(new Call('w', "fd_write of 64 bytes to a stream", 20_000)));
            }
        }
    }

    /** Waiting for one of many. */
    static final class Waits implements Figure {

        private static final double POLL_LIMIT_MICROS = 60;

        @Override
        public String name() {
            return "waits";
        }

        @Override
        public List<Row> take(Bench bench) {
            List<Row> polls = new ArrayList<>();
            List<Row> epolls = new ArrayList<>();
            for (int idle : new int[] {10, 1_000, 10_000}) {
                String among = ", " + Numbers.value(idle) + " idle sockets, one ready";
                int count = Math.max(50, 200_000 / idle);
                try (Pair pair = new Pair(bench, idle)) {
                    polls.add(pair.measure(new Call('p', "poll_oneoff" + among, count)));
                    epolls.add(pair.measure(new Call('e', "epoll_wait" + among, 5_000)));
                }
            }
            double middle = polls.get(1).value(Contender.GUEST);
            double most = polls.get(2).value(Contender.GUEST);
            double few = epolls.get(0).value(Contender.GUEST);
            double many = epolls.get(2).value(Contender.GUEST);
            polls.set(1, polls.get(1).withTarget("under 60 us", middle < POLL_LIMIT_MICROS));
            polls.set(
                    2,
                    polls.get(2).withTarget("at most 10 times that of 1,000", most <= 10 * middle));
            epolls.set(2, epolls.get(2).withTarget("as with 10, within 20%", many <= 1.2 * few));
            polls.addAll(epolls);
            return polls;
        }
    }
}
