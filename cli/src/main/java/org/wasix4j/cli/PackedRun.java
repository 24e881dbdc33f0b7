package org.wasix4j.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.wasix4j.cli.pack.PackedFolders;
import org.wasix4j.cli.pack.PackedProgram;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The main class of what {@code wasix-run pack} made. Its command line is that of {@code wasix-run}
 * without a module: options that are given replace those that were packed, arguments replace the
 * arguments.
 */
public final class PackedRun {

    /** Set when an archive of classes is made: the program starts, with nothing, and ends. */
    private static final String REHEARSAL = "wasix4j.rehearsal";

    private PackedRun() {}

    /** Runs the program and ends the JVM with its exit code. */
    public static void main(String[] args) {
        OwnJvm.settle();
        PackedProgram program = PackedProgram.load();
        if (Boolean.getBoolean(REHEARSAL)) {
            WasixRun.main(
                    new PackedStart(program, List.of()), "--quiet", "--timeout=2s", program.name());
            return;
        }
        try {
            PackedFolders folders = PackedFolders.of(program);
            Runtime.getRuntime().addShutdownHook(new Thread(folders::close));
            OwnJvm.hasHooks();
            WasixRun.main(new PackedStart(program, folders.volumes()), line(program, args));
        } catch (IOException e) {
            System.err.println(
                    "wasix-run: the packed files cannot be unpacked into "
                            + System.getProperty("java.io.tmpdir")
                            + " (java.io.tmpdir): "
                            + e);
            System.exit(WasixRun.CANNOT_RUN);
        }
    }

    /** The command line of {@code wasix-run} that is meant; the module is the program's name. */
    static String[] line(PackedProgram program, String... args) {
        CommandSpec command = new Options().command().parser().getCommandSpec();
        OptionWords given = new OptionWords(command, args);
        OptionWords packed = new OptionWords(command, program.options());
        List<String> line = new ArrayList<>(packed.without(given.names()));
        line.addAll(given.without(Set.of()));
        line.add(program.name());
        line.add("--");
        line.addAll(given.rest().isEmpty() ? program.arguments() : given.rest());
        return line.toArray(String[]::new);
    }
}
