package org.wasix4j.maven;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.maven.artifact.Artifact;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.descriptor.PluginDescriptor;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.wasix4j.cli.WasixRun;
import org.wasix4j.types.Nullable;

/**
 * Makes an ordinary Java program of a module, as {@code wasix-run pack} does: a jar that runs alone
 * ({@code java -jar NAME.jar}), or a folder with {@code bin/NAME}.
 */
@Mojo(name = "pack", defaultPhase = LifecyclePhase.PACKAGE, threadSafe = true)
public class PackMojo extends AbstractMojo {

    /** The ways to pack. */
    public enum Format {
        /** One jar. */
        JAR,
        /** A folder with {@code bin} and {@code lib}, which runs on an installed JVM. */
        APP,
        /** Such a folder with a JVM of its own. */
        RUNTIME
    }

    /** The module, a package's folder with {@code wasmer.toml}, or a {@code .webc} file. */
    @Parameter(property = "wasix4j.module", required = true)
    File module;

    /** What the program is called; the module's name without its ending unless set. */
    @Parameter @Nullable String name;

    /**
     * Options of {@code wasix-run}, as {@code --net=ipv4:allow=*:8080/in}: the program's grants.
     */
    @Parameter List<String> options = new ArrayList<>();

    /** The program's arguments, unless others are given when it is started. */
    @Parameter List<String> arguments = new ArrayList<>();

    /** Folders that are packed too, as {@code HOST:GUEST}; they are granted for reading. */
    @Parameter List<String> folders = new ArrayList<>();

    /** JAR, APP or RUNTIME. */
    @Parameter(defaultValue = "JAR")
    Format format = Format.JAR;

    /** Where the program is written, as {@code NAME.jar} or the folder {@code NAME}. */
    @Parameter(defaultValue = "${project.build.directory}", required = true)
    File outputDirectory;

    /** Does nothing. */
    @Parameter(property = "wasix4j.skip", defaultValue = "false")
    boolean skip;

    /** What the plugin itself consists of, which goes into the program. */
    @Parameter(defaultValue = "${plugin}", readonly = true, required = true)
    PluginDescriptor plugin;

    @Override
    public void execute() throws MojoExecutionException {
        if (skip) {
            return;
        }
        String called = name == null ? ModuleNames.of(module.toPath()) : name;
        List<String> line = new ArrayList<>(List.of("pack", "--name", called));
        line.add("--output");
        line.add(
                new File(outputDirectory, format == Format.JAR ? called + ".jar" : called)
                        .getPath());
        if (format == Format.APP) {
            line.add("--app");
        } else if (format == Format.RUNTIME) {
            line.add("--runtime");
        }
        for (String folder : folders) {
            line.add("--add=" + folder);
        }
        line.add("--class-path");
        line.add(classPath());
        line.addAll(options);
        line.add(module.getPath());
        line.add("--");
        line.addAll(arguments);
        outputDirectory.mkdirs();
        run(line);
    }

    private void run(List<String> line) throws MojoExecutionException {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        int code =
                WasixRun.execute(
                        line.toArray(String[]::new), InputStream.nullInputStream(), said, said);
        String text = said.toString(UTF_8).strip();
        if (code != 0) {
            throw new MojoExecutionException(text);
        }
        text.lines().forEach(getLog()::info);
    }

    /** The jars of the command, without those of Maven, which are not in the program. */
    private String classPath() {
        return plugin.getArtifacts().stream()
                .filter(each -> !each.getFile().equals(pluginFile()))
                .map(Artifact::getFile)
                .map(File::getPath)
                .collect(Collectors.joining(File.pathSeparator));
    }

    private @Nullable File pluginFile() {
        return plugin.getPluginArtifact() == null ? null : plugin.getPluginArtifact().getFile();
    }
}
