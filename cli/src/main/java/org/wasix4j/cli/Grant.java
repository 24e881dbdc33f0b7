package org.wasix4j.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

    /** What programs of preview1 have of sockets: they can use them and open none. */
    private static final Set<String> PREOPENED_SOCKETS =
            Set.of("sock_accept", "sock_recv", "sock_send", "sock_shutdown");

    /** What a module could need, by its imports, and what options give of it. */
    static List<Grant> of(ModuleReport report, Options options, Map<String, String> here) {
        List<Grant> grants = new ArrayList<>();
        boolean opensSockets =
                report.imports().stream().anyMatch(each -> each.name().equals("sock_open"));
        add(
                grants,
                report,
                each -> each.asks() != null,
                "the network",
                "--net",
                options.network.policy().allowsAll() || !options.network.policy().rules().isEmpty()
                        ? List.of(options.network.policy().toString())
                        : List.of());
        add(
                grants,
                report,
                each -> !opensSockets && PREOPENED_SOCKETS.contains(each.name()),
                "sockets that are open from the start",
                "--listen, --dial",
                Stream.concat(
                                options.network.listeners.stream()
                                        .map(each -> "a listener on " + each),
                                options.network.connections.stream()
                                        .map(each -> "a connection to " + each))
                        .toList());
        add(
                grants,
                report,
                each -> each.name().startsWith("path_") || each.name().equals("chdir"),
                "directories",
                "--volume, --dir",
                Stream.concat(options.files.volumes.stream(), options.files.directories.stream())
                        .map(Grant::describe)
                        .toList());
        add(
                grants,
                report,
                each -> each.name().equals("environ_get"),
                "variables of the environment",
                "--env, --env-inherit",
                List.copyOf(options.guest.environment(here).keySet()));
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
