/**
 * Files and directories: {@link org.wasix4j.system.fs.Mounts} is what was granted, the walker
 * decides where a path leads, and folders are on the host or in memory.
 *
 * @apiNote Implementation, exported to {@code org.wasix4j.runtime} only; no API.
 */
package org.wasix4j.system.fs;
