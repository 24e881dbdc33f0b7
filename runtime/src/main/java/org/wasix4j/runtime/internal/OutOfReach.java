package org.wasix4j.runtime.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.wasix4j.system.fs.KeptPlace;
import org.wasix4j.system.fs.KeptPlace.Extent;
import org.wasix4j.types.Nullable;

/**
 * Everything of the host's that no guest may write, whatever was granted to it: the one list of
 * such places.
 *
 * <ul>
 *   <li>The cache of compiled code: what is in it is executed outside of the sandbox.
 *   <li>The temporary folder of Java, and {@code /tmp}, which is the JVM's own whatever {@code
 *       java.io.tmpdir} says: the files under the memory of guests are made there, and the JVM
 *       takes orders from the socket {@code .java_pid<number>} there. A folder in it can be
 *       granted.
 *   <li>{@code /tmp/hsperfdata_<user>}: the JVM has a file of it mapped, and ends when that is made
 *       shorter.
 *   <li>Files that the command or an embedder writes while the guest runs.
 * </ul>
 *
 * <p>That a guest does not connect to {@code .java_pid<number>} is seen to in {@code UnixNetwork}.
 */
final class OutOfReach {

    private static final Path JVM_TEMPORARY = Path.of("/tmp");

    private OutOfReach() {}

    /**
     * The list.
     *
     * @param cache the folder with compiled code, or null
     * @param files files of the host's that others write
     */
    static List<KeptPlace> of(@Nullable Path cache, List<Path> files) {
        List<KeptPlace> places = new ArrayList<>();
        if (cache != null) {
            places.add(new KeptPlace(cache, "the cache of compiled code", Extent.TREE));
        }
        Path performance =
                JVM_TEMPORARY.resolve("hsperfdata_" + System.getProperty("user.name", ""));
        places.add(new KeptPlace(performance, "the folder of the JVM's counters", Extent.TREE));
        Set<Path> temporary = new LinkedHashSet<>();
        temporary.add(Path.of(System.getProperty("java.io.tmpdir", "/tmp")));
        temporary.add(JVM_TEMPORARY);
        for (Path folder : temporary) {
            places.add(new KeptPlace(folder, "the temporary folder", Extent.FOLDER));
        }
        for (Path file : files) {
            Path folder = file.toAbsolutePath().getParent();
            String what = "the folder of " + file.getFileName() + ", which is not the guest's,";
            places.add(new KeptPlace(folder == null ? file : folder, what, Extent.FILE));
        }
        return places;
    }
}
