/**
 * The command {@code wasix-run}.
 *
 * @apiNote The options, exit codes and outputs of the command are its API; its classes are none.
 */
package org.wasix4j.cli;
