package org.wasix4j.testmodules;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One way to run a guest, and what is to come of it.
 *
 * @param name tells it from the other cases of its module
 * @param args arguments after the program's own name
 * @param env environment, in this order
 * @param dirs directories to preopen, by the name the guest sees; each lies in the {@code tree}
 * @param program the guest path under which it can start itself as another program
 * @param tree files that must exist before the start, see {@link #layOut}
 * @param stdin what the guest can read
 * @param stdout what it must write; empty when that varies
 * @param stderr what it must write there; empty when that varies. The host may write lines of its
 *     own to the same stream
 * @param exitCode code of the end; 134 for a trap
 * @param trap whether the end is a trap
 * @param net the network grant: empty is none, "" is everything, else rules as {@code --net=} takes
 *     them
 * @param server whether it never ends by itself; {@code exitCode} means nothing then
 * @param ipv6 whether it needs a machine with IPv6
 * @param operations what a peer does once it runs, in order
 */
public record TestCase(
        String name,
        List<String> args,
        Map<String, String> env,
        List<String> dirs,
        Optional<String> program,
        List<TreeEntry> tree,
        String stdin,
        Optional<String> stdout,
        Optional<String> stderr,
        int exitCode,
        boolean trap,
        Optional<String> net,
        boolean server,
        boolean ipv6,
        List<Operation> operations) {

    public TestCase {
        args = List.copyOf(args);
        env = Collections.unmodifiableMap(new LinkedHashMap<>(env));
        dirs = List.copyOf(dirs);
        tree = List.copyOf(tree);
        operations = List.copyOf(operations);
    }

    /** Makes the files of the tree under an existing, empty folder. */
    public void layOut(Path folder) {
        try {
            for (TreeEntry entry : tree) {
                Path path = folder.resolve(entry.path());
                Files.createDirectories(path.getParent());
                if (entry.link().isPresent()) {
                    Files.createSymbolicLink(path, Path.of(entry.link().get()));
                } else if (entry.text().isPresent()) {
                    Files.writeString(path, entry.text().get());
                } else if (entry.resource().isPresent()) {
                    Files.write(path, TestModule.resource(entry.resource().get()));
                } else {
                    Files.createDirectories(path);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
