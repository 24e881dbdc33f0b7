package org.wasix4j.maven;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.wasix4j.runtime.ModuleException;
import org.wasix4j.runtime.WasixModule;

/**
 * Compiles modules to classes of the project, for {@code WasixModule.packed(loader, NAME)}. NAME is
 * the file's name without {@code .wasm}. The project needs {@code org.wasix4j:wasix-runtime} of the
 * plugin's own version to run them.
 */
@Mojo(name = "compile", defaultPhase = LifecyclePhase.PROCESS_CLASSES, threadSafe = true)
public class CompileMojo extends AbstractMojo {

    private static final String SUFFIX = ".wasm";

    /** The modules; without any, all files {@code *.wasm} of {@link #directory}. */
    @Parameter List<File> modules = new ArrayList<>();

    /** Where modules are looked for. */
    @Parameter(defaultValue = "${project.basedir}/src/main/wasm")
    File directory;

    /** Where the classes are written. */
    @Parameter(defaultValue = "${project.build.outputDirectory}", required = true)
    File outputDirectory;

    /** Does nothing. */
    @Parameter(property = "wasix4j.skip", defaultValue = "false")
    boolean skip;

    @Override
    public void execute() throws MojoExecutionException {
        if (skip) {
            return;
        }
        try {
            List<Path> wanted = wanted();
            if (wanted.isEmpty()) {
                throw new MojoExecutionException(
                        "there is no module: " + directory + " has no file *.wasm");
            }
            for (Path module : wanted) {
                compile(module);
            }
        } catch (IOException e) {
            throw new MojoExecutionException("cannot compile: " + e, e);
        }
    }

    private List<Path> wanted() throws IOException {
        if (!modules.isEmpty()) {
            return modules.stream().map(File::toPath).toList();
        }
        if (!directory.isDirectory()) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory.toPath())) {
            return files.filter(file -> file.toString().endsWith(SUFFIX)).sorted().toList();
        }
    }

    private void compile(Path module) throws IOException, MojoExecutionException {
        String name = ModuleNames.of(module);
        Path stamp = outputDirectory.toPath().resolve("META-INF/wasix4j/" + name + ".module");
        FileTime changed = Files.getLastModifiedTime(module);
        if (Files.exists(stamp)
                && Files.getLastModifiedTime(stamp).compareTo(changed) > 0
                && Files.getLastModifiedTime(stamp).compareTo(ownTime()) > 0) {
            getLog().info(module.getFileName() + " is up to date");
            return;
        }
        try {
            for (Map.Entry<String, byte[]> file :
                    WasixModule.pack(name, Files.readAllBytes(module)).entrySet()) {
                Path path = outputDirectory.toPath().resolve(file.getKey());
                Files.createDirectories(path.getParent());
                Files.write(path, file.getValue());
            }
        } catch (ModuleException | IllegalArgumentException e) {
            throw new MojoExecutionException(e.getMessage(), e);
        }
        getLog().info(
                        "compiled "
                                + module.getFileName()
                                + ", for WasixModule.packed(\""
                                + name
                                + "\")");
    }

    /** When the compiler that this plugin has was built: another one writes other classes. */
    private static FileTime ownTime() throws IOException {
        try {
            return Files.getLastModifiedTime(
                    Path.of(
                            WasixModule.class
                                    .getProtectionDomain()
                                    .getCodeSource()
                                    .getLocation()
                                    .toURI()));
        } catch (java.net.URISyntaxException e) {
            throw new IOException(e);
        }
    }
}
