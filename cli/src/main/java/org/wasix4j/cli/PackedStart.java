package org.wasix4j.cli;

import java.util.List;
import org.wasix4j.cli.pack.PackedProgram;
import org.wasix4j.runtime.Volume;

/**
 * What a packed program runs in place of a file.
 *
 * @param folders that were packed with it, for reading
 */
record PackedStart(PackedProgram program, List<Volume> folders) {}
