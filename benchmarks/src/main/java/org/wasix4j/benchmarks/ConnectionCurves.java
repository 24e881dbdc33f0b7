package org.wasix4j.benchmarks;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The epoll server with growing numbers of connections that are idle. */
final class ConnectionCurves implements CurveGroup {

    private static final List<Integer> COUNTS = List.of(10, 100, 1_000, 3_000, 10_000);
    private static final List<String> LOOPBACK = List.of("0", "127.0.0.1");
    private static final int ACTIVE = 16;

    /** One measurement of a rate. */
    static final double SECONDS = 1;

    private static final String SERVER = "http-epoll";

    @Override
    public String name() {
        return "connections";
    }

    @Override
    public List<Panel> take(Bench bench) {
        Panel.Axis across = new Panel.Axis("idle connections", true);
        return List.of(
                new Panel(
                        "Requests served over " + ACTIVE + " connections while others idle",
                        across,
                        new Panel.Axis("req/s", false),
                        rates(bench)),
                new Panel(
                        "Memory of the server's process",
                        across,
                        new Panel.Axis("MB", true),
                        memory(bench)));
    }

    private static Map<Contender, Program> servers(Bench bench) {
        Map<Contender, Program> servers = new EnumMap<>(Contender.class);
        try {
            servers.put(Contender.NATIVE, bench.startNative(SERVER, LOOPBACK));
            servers.put(
                    Contender.GUEST,
                    bench.startGuest(bench.settings().guest(SERVER), List.of(), LOOPBACK));
            servers.put(Contender.NIO, bench.startNio("http", LOOPBACK));
            return servers;
        } catch (RuntimeException e) {
            servers.values().forEach(Program::close);
            throw e;
        }
    }

    /** Holds connections to a server, so many more that they are the number that is asked for. */
    private static final class Idle implements AutoCloseable {
        private final List<LoadClient.Calls> clients = new ArrayList<>();
        private int held;

        void growTo(Bench bench, Program server, int count) {
            // a client holds one connection more, the one that is for its orders
            clients.add(bench.load().calls(server.port(), count - held - 1));
            held = count;
        }

        @Override
        public void close() {
            clients.forEach(LoadClient.Calls::close);
        }
    }

    private static List<Panel.Series> rates(Bench bench) {
        Map<Contender, Program> servers = servers(bench);
        Map<Contender, Idle> idle = new EnumMap<>(Contender.class);
        try {
            servers.forEach((contender, server) -> warmUp(bench, contender, server));
            servers.keySet().forEach(contender -> idle.put(contender, new Idle()));
            CurvePoints points = new CurvePoints();
            for (int count : COUNTS) {
                idle.forEach(
                        (contender, held) -> held.growTo(bench, servers.get(contender), count));
                Map<Contender, List<Double>> rates = new EnumMap<>(Contender.class);
                for (int round = 0; round < bench.settings().rounds(); round++) {
                    servers.forEach(
                            (contender, server) ->
                                    rates.computeIfAbsent(contender, key -> new ArrayList<>())
                                            .add(rate(bench, server)));
                }
                rates.forEach(
                        (contender, each) -> points.add(contender, count, Numbers.median(each)));
                bench.say(count + " idle connections: " + rates + " req/s");
            }
            return points.series();
        } finally {
            idle.values().forEach(Idle::close);
            servers.values().forEach(Program::close);
        }
    }

    private static void warmUp(Bench bench, Contender contender, Program server) {
        int times = contender == Contender.NATIVE ? 1 : bench.settings().warmUps();
        for (int i = 0; i < times; i++) {
            rate(bench, server);
        }
    }

    private static double rate(Bench bench, Program server) {
        return bench.load().run("http", server.port(), SECONDS, ACTIVE, "/").perSecond();
    }

    /** In processes that have served nothing yet. */
    private static List<Panel.Series> memory(Bench bench) {
        Map<Contender, Program> servers = servers(bench);
        try {
            CurvePoints points = new CurvePoints();
            servers.forEach(
                    (contender, server) -> {
                        try (Idle idle = new Idle()) {
                            for (int count : COUNTS) {
                                idle.growTo(bench, server, count);
                                points.add(
                                        contender,
                                        count,
                                        MemoryFigures.settled(server.pid())
                                                / MemoryFigures.MEGABYTE);
                            }
                        }
                    });
            bench.say("memory with idle connections: " + points.series());
            return points.series();
        } finally {
            servers.values().forEach(Program::close);
        }
    }
}
