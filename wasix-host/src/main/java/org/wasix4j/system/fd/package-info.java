/**
 * Descriptors: {@link org.wasix4j.system.fd.FdTable} maps numbers to open descriptions, which
 * {@code dup} and {@code fork} share.
 *
 * @apiNote Implementation, exported to {@code org.wasix4j.runtime} only; no API.
 */
package org.wasix4j.system.fd;
