/**
 * The metrics of guests as meters of Micrometer.
 *
 * @apiNote API of the artifact {@code wasix-micrometer}.
 */
package org.wasix4j.micrometer;
