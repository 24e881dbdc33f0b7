/**
 * The standard streams of a guest, over streams of the host or of the embedder.
 *
 * @apiNote Implementation, exported to {@code org.wasix4j.runtime} only; no API.
 */
package org.wasix4j.system.stdio;
