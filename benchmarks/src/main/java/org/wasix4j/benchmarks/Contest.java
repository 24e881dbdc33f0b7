package org.wasix4j.benchmarks;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Several programs that do the same, measured in turn, round after round, so that what else happens
 * on the machine meets all of them. Ratios are taken within a round.
 */
final class Contest implements AutoCloseable {

    /** Measures a program for some seconds. */
    interface Work {
        /** What was reached, by the name of the measure; count is the units of work done. */
        Outcome measure(Program program, double seconds);
    }

    /**
     * What one measurement gave.
     *
     * @param values by the name of the measure
     * @param units of work, for CPU time a unit
     */
    record Outcome(Map<String, Double> values, double units) {

        static Outcome of(String measure, double value, double units) {
            return new Outcome(Map.of(measure, value), units);
        }
    }

    /** What is measured. */
    record Measure(String name, String title, String unit, boolean higherIsBetter) {}

    private final Bench bench;
    private final Map<Contender, Program> programs;

    Contest(Bench bench, Map<Contender, Program> programs) {
        this.bench = bench;
        this.programs = programs;
    }

    Program program(Contender contender) {
        return programs.get(contender);
    }

    /** Warms up and measures; a row for each measure. */
    List<Row> run(Work work, Measure... measures) {
        warmUp(work);
        Map<Contender, List<Outcome>> outcomes = new EnumMap<>(Contender.class);
        Map<Contender, List<Double>> cpu = new EnumMap<>(Contender.class);
        for (int round = 0; round < bench.settings().rounds(); round++) {
            for (Map.Entry<Contender, Program> entry : List.copyOf(programs.entrySet())) {
                Contender contender = entry.getKey();
                Program program = entry.getValue();
                long before = program.cpuMicros();
                Outcome outcome;
                try {
                    outcome = work.measure(program, bench.settings().seconds());
                } catch (BenchmarkException e) {
                    leaveOut(contender, e);
                    outcomes.remove(contender);
                    continue;
                }
                double micros = program.cpuMicros() - before;
                outcomes.computeIfAbsent(contender, key -> new ArrayList<>()).add(outcome);
                cpu.computeIfAbsent(contender, key -> new ArrayList<>())
                        .add(micros / outcome.units());
            }
        }
        List<Row> rows = new ArrayList<>();
        for (Measure measure : measures) {
            Row row = row(measure, outcomes, cpu);
            rows.add(row);
            bench.say(
                    String.format(
                            "%s: native %s, guest %s %s (%s; CPU %s)",
                            measure.title(),
                            Numbers.value(row.value(Contender.NATIVE)),
                            Numbers.value(row.value(Contender.GUEST)),
                            measure.unit(),
                            Numbers.ratio(row.ratios().get(Contender.GUEST)),
                            Numbers.ratio(row.cpuRatio())));
        }
        return rows;
    }

    /** JVMs need time, and new connections: a program that has never closed one compiles again. */
    private void warmUp(Work work) {
        for (Map.Entry<Contender, Program> entry : List.copyOf(programs.entrySet())) {
            Contender contender = entry.getKey();
            int times =
                    switch (contender) {
                        case NATIVE -> 1;
                        case GUEST -> bench.settings().warmUps();
                        case NIO -> (bench.settings().warmUps() + 1) / 2;
                        default -> 2;
                    };
            try {
                for (int i = 0; i < times; i++) {
                    work.measure(entry.getValue(), 1);
                }
            } catch (BenchmarkException e) {
                leaveOut(contender, e);
            }
        }
    }

    /** Another runtime may fail where the others may not. */
    private void leaveOut(Contender contender, BenchmarkException why) {
        if (!contender.isPeer()) {
            throw why;
        }
        bench.say(contender.title() + " is left out: " + why.getMessage());
        programs.remove(contender).close();
    }

    private static Row row(
            Measure measure,
            Map<Contender, List<Outcome>> outcomes,
            Map<Contender, List<Double>> cpu) {
        Map<Contender, Double> values = new EnumMap<>(Contender.class);
        Map<Contender, Double> ratios = new EnumMap<>(Contender.class);
        List<Outcome> base = outcomes.get(Contender.NATIVE);
        outcomes.forEach(
                (contender, list) -> {
                    List<Double> own = new ArrayList<>();
                    List<Double> compared = new ArrayList<>();
                    for (int i = 0; i < list.size(); i++) {
                        double value = list.get(i).values().get(measure.name());
                        own.add(value);
                        compared.add(value / base.get(i).values().get(measure.name()));
                    }
                    values.put(contender, Numbers.median(own));
                    if (contender != Contender.NATIVE) {
                        ratios.put(contender, Numbers.median(compared));
                    }
                });
        return new Row(
                measure.title(),
                measure.unit(),
                measure.higherIsBetter(),
                values,
                ratios,
                cpuRatio(cpu),
                "",
                null);
    }

    private static double cpuRatio(Map<Contender, List<Double>> cpu) {
        List<Double> ratios = new ArrayList<>();
        List<Double> guest = cpu.get(Contender.GUEST);
        List<Double> base = cpu.get(Contender.NATIVE);
        for (int i = 0; i < guest.size(); i++) {
            if (base.get(i) > 0) {
                ratios.add(guest.get(i) / base.get(i));
            }
        }
        return Numbers.median(ratios);
    }

    /** Several measures of one outcome. */
    static Map<String, Double> values(String first, double one, String second, double two) {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put(first, one);
        values.put(second, two);
        return values;
    }

    @Override
    public void close() {
        programs.values().forEach(Program::close);
    }
}
