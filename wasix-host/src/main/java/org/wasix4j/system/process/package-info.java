/**
 * The processes of a guest: their numbers, parents, limits and ends.
 *
 * @apiNote Implementation, exported to {@code org.wasix4j.runtime} only; no API.
 */
package org.wasix4j.system.process;
