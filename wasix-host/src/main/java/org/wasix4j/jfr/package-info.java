/**
 * Events of the JDK Flight Recorder. Nothing here needs the module {@code jdk.jfr}: where it is
 * absent, nothing is recorded.
 *
 * @apiNote Implementation, exported to {@code org.wasix4j.runtime} only; no API.
 */
package org.wasix4j.jfr;
