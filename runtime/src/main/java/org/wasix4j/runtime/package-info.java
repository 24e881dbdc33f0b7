/**
 * The embedding API: load a module, start guests of it, know where they listen, end them.
 *
 * <p>Nothing here ends the JVM, installs signal handlers or hooks, or configures logging.
 */
package org.wasix4j.runtime;
