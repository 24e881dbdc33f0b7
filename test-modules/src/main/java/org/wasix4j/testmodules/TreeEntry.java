package org.wasix4j.testmodules;

import java.util.Optional;

/**
 * A file that a case needs: with a text a regular file, with a link a symbolic link, with a
 * resource a copy of one that is committed beside the modules, with none of these a directory.
 * Parent directories come by themselves. Links are described and not committed, since a jar cannot
 * hold them.
 *
 * @param path relative path
 * @param text content of a file, UTF-8
 * @param link target of a symbolic link
 * @param resource path in the catalogue, with its extension: {@code libraries/libfirst.so}
 */
public record TreeEntry(
        String path, Optional<String> text, Optional<String> link, Optional<String> resource) {}
