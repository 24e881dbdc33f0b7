/**
 * Servers as ordinary Java programs: {@code wasix-run pack}, and what runs them.
 *
 * @apiNote Implementation of the command; no API.
 */
package org.wasix4j.cli.pack;
