package org.wasix4j.cli;

import static org.wasix4j.cli.Option.flag;
import static org.wasix4j.cli.Option.list;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.wasix4j.runtime.Volume;
import org.wasix4j.runtime.WasixRuntime;

/** The directories that a program is granted. */
final class FileOptions implements OptionGroup {

    List<Volume> volumes = new ArrayList<>();

    List<Volume> directories = new ArrayList<>();

    boolean noScratch;

    @Override
    public void addTo(CommandModel command) {
        command.add(
                list("--volume", "HOST:GUEST[:ro]", new Values.ColonVolume(), v -> volumes = v)
                        .description(
                                "Grant the directory HOST at the program's path GUEST; ro: read-only."));
        command.add(
                list("--dir", "HOST[::GUEST][:ro]", new Values.Directory(), v -> directories = v)
                        .description(
                                "Grant a directory, at its own path or another; ro: read-only."));
        command.add(
                flag(() -> noScratch = true, "--no-scratch")
                        .description(
                                "Do not provide /tmp and /dev/shm in memory; by default they exist"
                                        + " unless a directory is granted in their place."));
    }

    /**
     * Checks that what is granted is there; when options are packed for another machine it need not
     * be.
     *
     * @throws IllegalArgumentException when it is not
     */
    void requireDirectories() {
        requireDirectories(directories);
        requireDirectories(volumes);
    }

    private static void requireDirectories(List<Volume> granted) {
        for (Volume each : granted) {
            if (!Files.isDirectory(each.host())) {
                throw new IllegalArgumentException("'" + each.host() + "' is not a directory");
            }
        }
    }

    /** Grants a program its directories. */
    void applyTo(WasixRuntime.Builder builder) {
        all().forEach(builder::withVolume);
        builder.withScratchFolders(!noScratch);
    }

    /** All that are granted, those of {@code --volume} first. */
    Stream<Volume> all() {
        return Stream.concat(volumes.stream(), directories.stream());
    }
}
