package org.wasix4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.wasix4j.runtime.ModuleReport;
import org.wasix4j.runtime.Volume;
import org.wasix4j.runtime.WasixModule;
import org.wasix4j.types.Nullable;

/**
 * The shared libraries that a module needs, and those that these need, where the linker would find
 * them: in the same folders and in the same order, as far as volumes tell.
 */
final class NeededLibraries {

    /**
     * A library.
     *
     * @param name the name by which it is needed
     * @param by the library that needs it, or null for the module itself
     * @param file the host's file, or null when there is none
     * @param searched the guest's folders in which it is looked for; empty when the name is a path
     */
    record Needed(String name, @Nullable String by, @Nullable Path file, List<String> searched) {}

    /** A module, by which name it is needed (null for the program), and its path for the guest. */
    private record Module(ModuleReport report, @Nullable String name, String path) {}

    private final List<Volume> volumes;
    private final String libraryPath;
    private final String workingDirectory;
    private final List<Needed> all = new ArrayList<>();

    /** Modules whose needs are not known yet. */
    private final Deque<Module> open = new ArrayDeque<>();

    private final Set<String> seen = new TreeSet<>();

    private NeededLibraries(Options options, Map<String, String> environment) {
        volumes = options.files.volumes;
        workingDirectory =
                options.guest.workingDirectory == null ? "/" : options.guest.workingDirectory;
        libraryPath = environment.getOrDefault("LD_LIBRARY_PATH", "");
    }

    /** Those of a module that would be run with these options. */
    static List<Needed> of(ModuleReport report, Options options, Map<String, String> here) {
        NeededLibraries search = new NeededLibraries(options, options.guest.environment(here));
        String program = options.guest.programName == null ? "" : options.guest.programName;
        search.open.add(new Module(report, null, program));
        while (!search.open.isEmpty()) {
            search.add(search.open.remove());
        }
        return search.all;
    }

    /** Adds what a module needs. */
    private void add(Module module) {
        String by = module.name;
        for (String name : module.report.libraries()) {
            if (!seen.add(name)) {
                continue;
            }
            if (name.indexOf('/') >= 0) {
                found(name, by, name, file(name), List.of());
                continue;
            }
            List<String> folders =
                    WasixModule.libraryFolders(module.report, libraryPath, module.path);
            String at = name;
            Path file = null;
            for (int i = 0; i < folders.size() && file == null; i++) {
                at = folders.get(i) + '/' + name;
                file = file(at);
            }
            found(name, by, at, file, folders);
        }
    }

    private void found(
            String name,
            @Nullable String by,
            String at,
            @Nullable Path file,
            List<String> folders) {
        all.add(new Needed(name, by, file, folders));
        if (file != null) {
            try {
                byte[] content = Files.readAllBytes(file);
                open.add(new Module(WasixModule.inspect(name, content), name, at));
            } catch (IOException e) {
                // that it cannot be read is reported when it is run
            }
        }
    }

    /** The host's file of a guest's path, or null; of several volumes the innermost one has it. */
    private @Nullable Path file(String path) {
        try {
            String full = Path.of("/", workingDirectory).resolve(path).normalize().toString();
            Volume volume = null;
            for (Volume each : volumes) {
                if (full.startsWith(below(each))
                        && (volume == null || below(each).length() > below(volume).length())) {
                    volume = each;
                }
            }
            if (volume == null) {
                return null;
            }
            Path file = volume.host().resolve(full.substring(below(volume).length()));
            return Files.isRegularFile(file) ? file : null;
        } catch (InvalidPathException e) {
            return null;
        }
    }

    private static String below(Volume volume) {
        return volume.guest().endsWith("/") ? volume.guest() : volume.guest() + '/';
    }
}
