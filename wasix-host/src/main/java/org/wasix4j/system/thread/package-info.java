/**
 * Guest threads: waiting and waking, signals, stacks, futexes.
 *
 * @apiNote Implementation, exported to {@code org.wasix4j.runtime} only; no API.
 */
package org.wasix4j.system.thread;
