/** The Maven plugin, which compiles modules to classes and packs them as programs. */
package org.wasix4j.maven;
