/**
 * The embedding API: load a module, start guests of it, know where they listen, end them.
 *
 * <p>Nothing here ends the JVM, installs signal handlers or hooks, or configures logging.
 *
 * @apiNote API of the artifact {@code wasix-runtime}.
 */
package org.wasix4j.runtime;
