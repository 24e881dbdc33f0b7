/**
 * What a JVM has besides its API, where it lets us have it.
 *
 * @apiNote Implementation, exported to {@code org.wasix4j.runtime} only; no API.
 */
package org.wasix4j.system.jvm;
