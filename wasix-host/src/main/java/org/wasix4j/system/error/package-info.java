/**
 * Translates the texts of errors that the JVM passes on to errnos.
 *
 * @apiNote Implementation, exported to {@code org.wasix4j.runtime} only; no API.
 */
package org.wasix4j.system.error;
