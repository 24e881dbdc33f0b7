package org.wasix4j.runtime.internal.link;

import java.util.ArrayList;
import java.util.List;

/** Where a library is looked for whose name has no slash, in the order of Linux; ld.so(8). */
public final class SearchPath {

    /** Where libraries are by default. */
    private static final List<String> FOLDERS = List.of("/lib", "/usr/lib", "/usr/local/lib");

    private SearchPath() {}

    /**
     * The guest's folders.
     *
     * @param libraryPath {@code LD_LIBRARY_PATH}; empty for none
     * @param runtimePath the paths of the module that needs the library; {@code $ORIGIN} in one is
     *     its folder
     * @param needing the path of that module
     */
    public static List<String> folders(
            String libraryPath, List<String> runtimePath, String needing) {
        List<String> folders = new ArrayList<>();
        for (String folder : libraryPath.split("[:;]")) {
            if (!folder.isEmpty()) {
                folders.add(folder);
            }
        }
        String origin = origin(needing);
        for (String entry : runtimePath) {
            for (String folder : entry.split(":")) {
                String there = folder.replace("${ORIGIN}", "$ORIGIN").replace("$ORIGIN", origin);
                if (!there.isEmpty() && there.indexOf('\0') < 0) {
                    folders.add(there);
                }
            }
        }
        folders.addAll(FOLDERS);
        return folders;
    }

    /** The path of a file in one of the folders. */
    public static String file(String folder, String name) {
        return folder.endsWith("/") ? folder + name : folder + '/' + name;
    }

    private static String origin(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "." : path.substring(0, Math.max(1, slash));
    }
}
