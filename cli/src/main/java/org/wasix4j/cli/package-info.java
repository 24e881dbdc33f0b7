/** The command {@code wasix-run}. */
package org.wasix4j.cli;
