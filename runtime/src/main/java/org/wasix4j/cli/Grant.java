package org.wasix4j.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.wasix4j.runtime.ModuleReport;
import org.wasix4j.runtime.ModuleReport.ImportedFunction;
import org.wasix4j.runtime.Volume;

/**
 * Something that a module could need and has to be given.
 *
 * @param kind what it is
 * @param functions the imports that could need it
 * @param options what gives it
 * @param given what the present options give of it; none when nothing
 */
record Grant(String kind, List<String> functions, String options, List<String> given) {

    /** What a module could need, by its imports, and what options give of it. */
    static List<Grant> of(ModuleReport report, Options options, Map<String, String> here) {
        List<Grant> grants = new ArrayList<>();
        add(
                grants,
                report,
                each -> each.asks() != null,
                "the network",
                "--net",
                options.network.allowsAll() || !options.network.rules().isEmpty()
                        ? List.of(options.network.toString())
                        : List.of());
        add(
                grants,
                report,
                each -> each.name().startsWith("path_") || each.name().equals("chdir"),
                "directories",
                "--volume, --dir",
                Stream.concat(options.volumes.stream(), options.directories.stream())
                        .map(Grant::describe)
                        .toList());
        add(
                grants,
                report,
                each -> each.name().equals("environ_get"),
                "variables of the environment",
                "--env, --env-inherit",
                List.copyOf(options.guestEnvironment(here).keySet()));
        return grants;
    }

    private static String describe(Volume volume) {
        return volume.guest()
                + " (the host's "
                + volume.host()
                + (volume.readOnly() ? ", for reading)" : ")");
    }

    private static void add(
            List<Grant> grants,
            ModuleReport report,
            Predicate<ImportedFunction> needs,
            String kind,
            String options,
            List<String> given) {
        List<String> functions =
                report.imports().stream()
                        .filter(ImportedFunction::served)
                        .filter(needs)
                        .map(ImportedFunction::name)
                        .distinct()
                        .toList();
        if (!functions.isEmpty()) {
            grants.add(new Grant(kind, functions, options, given));
        }
    }
}
