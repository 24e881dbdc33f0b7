package org.wasix4j.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.wasix4j.cli.packages.PackageCommand;
import org.wasix4j.cli.packages.Unpacked;
import org.wasix4j.runtime.Volume;
import org.wasix4j.types.Nullable;

/**
 * A command of a package that is about to run: what the package adds to the command line, and its
 * folders, which are there until this is closed.
 */
final class OpenedPackage implements AutoCloseable {

    private final PackageCommand command;
    private final Unpacked unpacked;
    private final List<Volume> volumes = new ArrayList<>();

    private OpenedPackage(PackageCommand command, Unpacked unpacked) {
        this.command = command;
        this.unpacked = unpacked;
    }

    /** Whether the module that was named is a package, which holds modules. */
    static boolean isPackage(Options options) throws IOException {
        return !options.module().equals(ModuleFile.STANDARD_INPUT)
                && PackageCommand.isPackage(Path.of(options.module()));
    }

    /** Reads the command that the options name, and nothing of its folders. */
    static PackageCommand command(Options options) throws IOException {
        return PackageCommand.read(
                Path.of(options.module()), options.guest.command, options.guest.dependencies);
    }

    /** Reads the command and lays out its folders. */
    static OpenedPackage open(Options options) throws IOException {
        PackageCommand command = command(options);
        Unpacked unpacked = new Unpacked(Path.of(System.getProperty("java.io.tmpdir")));
        OpenedPackage opened = new OpenedPackage(command, unpacked);
        try {
            for (Map.Entry<String, PackageCommand.Source> each : command.folders().entrySet()) {
                Path folder = unpacked.folder(each.getValue());
                opened.volumes.add(new Volume(folder, each.getKey(), true));
            }
            return opened;
        } catch (IOException | RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    byte[] module() {
        return command.module();
    }

    /** The package's folders, for reading. */
    List<Volume> volumes() {
        return volumes;
    }

    /** The package's arguments, and behind them the user's. */
    List<String> arguments(List<String> given) {
        List<String> all = new ArrayList<>(command.arguments());
        all.addAll(given);
        return all;
    }

    /** The package's variables; the user's win. */
    Map<String, String> environment(Map<String, String> given) {
        Map<String, String> all = new LinkedHashMap<>(command.environment());
        all.putAll(given);
        return all;
    }

    /** Where the program starts, or null. */
    @Nullable
    String workingDirectory() {
        return command.workingDirectory();
    }

    /** What the package calls the command. */
    String commandName() {
        return command.name();
    }

    /** The program's own name. */
    String programName() {
        return command.programName();
    }

    @Override
    public void close() throws IOException {
        unpacked.close();
    }
}
