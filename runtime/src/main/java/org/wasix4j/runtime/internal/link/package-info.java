/** Shared libraries: what a module needs of others, and how they come together in one process. */
package org.wasix4j.runtime.internal.link;
