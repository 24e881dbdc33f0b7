/**
 * The Maven plugin, which compiles modules to classes and packs them as programs.
 *
 * @apiNote The goals and their parameters are the API; the classes are none.
 */
package org.wasix4j.maven;
