/** The metrics of guests as meters of Micrometer. */
package org.wasix4j.micrometer;
