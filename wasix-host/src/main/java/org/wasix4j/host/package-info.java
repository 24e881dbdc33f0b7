/**
 * The host functions, one class for each family. A function decodes its arguments, calls the
 * machine in {@code system}, and encodes the result; {@link org.wasix4j.host.Syscalls} does what
 * all calls have in common.
 *
 * @apiNote Implementation, exported to {@code org.wasix4j.runtime} only; no API.
 */
package org.wasix4j.host;
