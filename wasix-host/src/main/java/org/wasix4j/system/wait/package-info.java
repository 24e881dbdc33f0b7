/**
 * Readiness, below everything that waits: what can be waited for, and the selector of a thread.
 *
 * @apiNote Implementation, exported to {@code org.wasix4j.runtime} only; no API.
 */
package org.wasix4j.system.wait;
