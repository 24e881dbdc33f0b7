package org.wasix4j.runtime;

import java.nio.file.Path;

/**
 * A directory of the host that a guest may use.
 *
 * @param host the directory
 * @param guest the absolute path under which the guest finds it
 * @param readOnly whether nothing in it can be changed
 */
public record Volume(Path host, String guest, boolean readOnly) {}
