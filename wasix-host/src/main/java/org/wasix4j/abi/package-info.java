/**
 * Reads and writes guest memory: the only code that knows pointers and layouts. It knows no
 * descriptors.
 *
 * @apiNote Implementation, exported to {@code org.wasix4j.runtime} only; no API.
 */
package org.wasix4j.abi;
