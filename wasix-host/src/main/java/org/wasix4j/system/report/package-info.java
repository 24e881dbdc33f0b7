/**
 * Counts events and passes them to observers and to the flight recorder.
 *
 * @apiNote Implementation, exported to {@code org.wasix4j.runtime} only; no API.
 */
package org.wasix4j.system.report;
