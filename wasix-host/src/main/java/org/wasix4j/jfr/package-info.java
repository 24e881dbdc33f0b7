/**
 * Events of the JDK Flight Recorder. Nothing here needs the module {@code jdk.jfr}: where it is
 * absent, nothing is recorded.
 */
package org.wasix4j.jfr;
