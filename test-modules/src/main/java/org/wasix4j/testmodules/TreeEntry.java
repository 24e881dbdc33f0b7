package org.wasix4j.testmodules;

import java.util.Optional;

/**
 * A file that a case needs: with a text a regular file, with a link a symbolic link, with neither a
 * directory. Parent directories come by themselves. Links are described and not committed, since a
 * jar cannot hold them.
 *
 * @param path relative path
 * @param text content of a file, UTF-8
 * @param link target of a symbolic link
 */
public record TreeEntry(String path, Optional<String> text, Optional<String> link) {}
