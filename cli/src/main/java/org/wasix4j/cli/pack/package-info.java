/** Servers as ordinary Java programs: {@code wasix-run pack}, and what runs them. */
package org.wasix4j.cli.pack;
