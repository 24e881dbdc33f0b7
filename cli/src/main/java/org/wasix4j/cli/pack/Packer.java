package org.wasix4j.cli.pack;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.wasix4j.cli.packages.Unpacked;
import org.wasix4j.types.Nullable;

/** Makes an ordinary Java program of a module: a jar that runs alone, or an application folder. */
public final class Packer {

    private static final String MAIN_CLASS = "org.wasix4j.cli.PackedRun";
    private static final String START_SCRIPT = "wasix-run";

    /** What the JVM of a packed server needs: see the modules' own descriptions. */
    private static final String MODULES =
            "java.base,java.logging,java.management,jdk.httpserver,jdk.jfr,jdk.management,jdk.net,"
                    + "jdk.unsupported";

    private static final int ARCHIVE_SECONDS = 300;

    private final PackedProgram program;
    private final Map<String, byte[]> module;
    private final Map<String, String> explanations;
    private final List<Path> classPath;
    private final List<Path> folders;
    private final String version;

    /**
     * A program that is to be packed.
     *
     * @param module what {@code WasixModule.pack} made
     * @param explanations by the ending of the file
     * @param classPath jars and folders with the classes of the command
     * @param folders the host's folders, as many as the program has
     * @param version of wasix4j, or null
     */
    public Packer(
            PackedProgram program,
            Map<String, byte[]> module,
            Map<String, String> explanations,
            List<Path> classPath,
            List<Path> folders,
            String version) {
        this.program = program;
        this.module = Map.copyOf(module);
        this.explanations = Map.copyOf(explanations);
        this.classPath = List.copyOf(classPath);
        this.folders = List.copyOf(folders);
        this.version = version;
    }

    /** Writes one jar. */
    public void jar(Path file) throws IOException {
        ProgramJar jar = code();
        for (int i = 0; i < folders.size(); i++) {
            jar.addFolder(PackedProgram.FOLDERS + i + "/", folders.get(i));
        }
        jar.write(file, MAIN_CLASS, version);
    }

    private ProgramJar code() throws IOException {
        ProgramJar jar = new ProgramJar();
        for (Path place : classPath) {
            jar.addClasses(place);
        }
        module.forEach(jar::put);
        explanations.forEach(
                (ending, text) ->
                        jar.put(PackedProgram.EXPLANATION + "." + ending, text.getBytes(UTF_8)));
        jar.put(PackedProgram.PLACE, program.bytes());
        return jar;
    }

    /**
     * Writes a folder with {@code bin}, {@code lib}, and an archive of classes for the JVM that
     * runs it: its own, or this one.
     *
     * @param folder is made, and replaced when it is one that was made here
     * @param runtime whether it gets a JVM of its own, made by jlink
     * @return what could not be done though the program runs, in a sentence, or null
     */
    public @Nullable String folder(Path folder, boolean runtime) throws IOException {
        Path lib = folder.resolve("lib");
        if (Files.exists(folder) && !Files.exists(lib.resolve("main")) && !isEmpty(folder)) {
            throw new IOException(folder + " exists and is not a packed program");
        }
        if (Files.exists(folder)) {
            Unpacked.delete(folder);
        }
        Files.createDirectories(lib);
        code().write(lib.resolve(program.name() + ".jar"), MAIN_CLASS, version);
        Files.writeString(lib.resolve("main"), MAIN_CLASS + "\n");
        for (int i = 0; i < folders.size(); i++) {
            copy(folders.get(i), folder.resolve("files").resolve(Integer.toString(i)));
        }
        Path script = Files.createDirectories(folder.resolve("bin")).resolve(program.name());
        try (InputStream in =
                Objects.requireNonNull(Packer.class.getResourceAsStream(START_SCRIPT))) {
            Files.copy(in, script);
        }
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        if (runtime) {
            link(folder.resolve("runtime"));
        }
        return archive(script);
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.findAny().isEmpty();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        for (Path file : PackedFolders.filesOf(from)) {
            Path target = to.resolve(from.relativize(file).toString());
            Files.createDirectories(target.getParent());
            Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
        }
    }

    private static void link(Path runtime) throws IOException {
        ToolProvider jlink =
                ToolProvider.findFirst("jlink")
                        .orElseThrow(
                                () ->
                                        new IOException(
                                                "--runtime needs a JDK with jlink, and this is "
                                                        + System.getProperty("java.home")));
        StringWriter said = new StringWriter();
        PrintWriter out = new PrintWriter(said, true);
        List<String> words = new ArrayList<>(List.of("--add-modules", MODULES));
        words.addAll(List.of("--no-header-files", "--no-man-pages"));
        words.addAll(List.of("--compress", Runtime.version().feature() < 21 ? "2" : "zip-6"));
        words.addAll(List.of("--output", runtime.toString()));
        if (jlink.run(out, out, words.toArray(String[]::new)) != 0) {
            throw new IOException("jlink failed: " + said.toString().strip());
        }
    }

    /** Has the start script make its archive, with the JVM that will run it. */
    private static @Nullable String archive(Path script) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(script.toString(), "--prepare");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().remove("WASIX_RUN_JAVA_OPTS");
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        Process process = builder.start();
        process.getOutputStream().close();
        try {
            if (!process.waitFor(ARCHIVE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return "starts take longer: making the class archive takes too long";
            }
            return process.exitValue() == 0
                    ? null
                    : "starts take longer: this JVM cannot make a class archive";
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
