/**
 * Shared libraries: what a module needs of others, and how they come together in one process.
 *
 * @apiNote Implementation, not exported; no API.
 */
package org.wasix4j.runtime.internal.link;
