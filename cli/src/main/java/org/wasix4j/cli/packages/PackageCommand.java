package org.wasix4j.cli.packages;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.wasix4j.types.Nullable;

/**
 * One command of a package, with everything that starting it takes.
 *
 * @param name the name of the command
 * @param module the bytes of its module
 * @param arguments come before those of the user
 * @param environment variables of the package; the user's win
 * @param workingDirectory or null
 * @param programName the guest's argument 0
 * @param folders what the guest finds, for reading, by its path
 */
public record PackageCommand(
        String name,
        byte[] module,
        List<String> arguments,
        Map<String, String> environment,
        @Nullable String workingDirectory,
        String programName,
        Map<String, Source> folders) {

    /** Where a folder comes from. */
    public sealed interface Source {}

    /**
     * A folder of the host.
     *
     * @param folder it exists
     */
    public record OnDisk(Path folder) implements Source {}

    /**
     * A folder inside a container, which {@link Unpacked} lays out.
     *
     * @param tree what is in it
     */
    public record Packed(PackageTree.Folder tree) implements Source {}

    /** Whether a file is a package rather than a module. */
    public static boolean isPackage(Path file) throws IOException {
        return WasmerPackage.isPackage(file);
    }

    /**
     * Reads a command of a package.
     *
     * @param file the package
     * @param wanted the name of a command; null for the package's own choice
     * @param dependencies other packages by what this one calls them, with or without version
     * @throws PackageException when it is damaged, has no such command, or needs what is not there
     */
    public static PackageCommand read(
            Path file, @Nullable String wanted, Map<String, Path> dependencies) throws IOException {
        WasmerPackage opened = WasmerPackage.open(file);
        Manifest manifest = opened.manifest();
        Manifest.Command command = choose(opened, wanted);
        String runner = command.runner();
        if (runner != null && !command.isProgram()) {
            throw new PackageException(
                    "the command "
                            + Names.shown(command.name())
                            + " needs the runner "
                            + Names.shown(runner)
                            + "; only programs (wasi) are run");
        }
        WasmerPackage owner = dependency(opened, command.dependency(), dependencies);
        byte[] module = owner.module(command.module());
        if (module == null) {
            throw new PackageException(
                    "the command "
                            + Names.shown(command.name())
                            + " needs the module "
                            + Names.shown(command.module())
                            + ", which "
                            + (owner == opened ? "it" : owner.place())
                            + " lacks");
        }
        Map<String, Source> folders = new LinkedHashMap<>();
        for (Manifest.Mount mount : manifest.mounts()) {
            WasmerPackage from = dependency(opened, mount.dependency(), dependencies);
            folders.put(mount.guestPath(), from.folder(mount));
        }
        return new PackageCommand(
                command.name(),
                module,
                command.arguments(),
                environment(command),
                command.workingDirectory(),
                command.programName() == null ? command.name() : command.programName(),
                folders);
    }

    private static Manifest.Command choose(WasmerPackage opened, @Nullable String wanted)
            throws PackageException {
        Map<String, Manifest.Command> commands = opened.manifest().commands();
        String name = wanted == null ? opened.manifest().entrypoint() : wanted;
        if (name == null && commands.size() == 1) {
            name = commands.keySet().iterator().next();
        }
        List<String> modules = new ArrayList<>();
        opened.modules().forEach(modules::add);
        if (name == null && commands.isEmpty() && modules.size() == 1) {
            String only = modules.get(0);
            return new Manifest.Command(only, only, null, null, List.of(), List.of(), null, null);
        }
        if (commands.isEmpty()) {
            throw new PackageException("it has no command");
        }
        String all = String.join(", ", new TreeSet<>(commands.keySet()));
        if (name == null) {
            throw new PackageException("it has several commands; --command names one of: " + all);
        }
        Manifest.Command command = commands.get(name);
        if (command == null) {
            throw new PackageException(
                    "it has no command " + Names.shown(name) + "; it has: " + all);
        }
        return command;
    }

    /** The package behind an alias; the package itself for null. */
    private static WasmerPackage dependency(
            WasmerPackage opened, @Nullable String alias, Map<String, Path> dependencies)
            throws IOException {
        if (alias == null) {
            return opened;
        }
        String asked = opened.manifest().dependencies().getOrDefault(alias, alias);
        for (String key : List.of(asked, withoutVersion(asked), alias)) {
            Path given = dependencies.get(key);
            if (given != null) {
                return WasmerPackage.open(given);
            }
        }
        throw new PackageException(
                "it needs "
                        + asked
                        + ", which was not found (--dependency "
                        + withoutVersion(asked)
                        + "=PATH would give it)");
    }

    private static String withoutVersion(String name) {
        int at = name.indexOf('@');
        return at < 0 ? name : name.substring(0, at);
    }

    private static Map<String, String> environment(Manifest.Command command) {
        Map<String, String> environment = new LinkedHashMap<>();
        for (String each : command.environment()) {
            int equals = each.indexOf('=');
            environment.put(
                    equals < 0 ? each : each.substring(0, equals),
                    equals < 0 ? "" : each.substring(equals + 1));
        }
        return environment;
    }
}
