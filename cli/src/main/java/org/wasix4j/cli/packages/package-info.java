/**
 * Packages as Wasmer has them: a folder with a {@code wasmer.toml}, or a {@code .webc} file of
 * container version 1, 2 or 3. A package holds modules, commands that say how they are started, and
 * folders.
 *
 * @apiNote Implementation of the command; no API.
 */
package org.wasix4j.cli.packages;
