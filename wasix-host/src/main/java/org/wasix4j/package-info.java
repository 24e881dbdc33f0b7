/**
 * The host functions for a Chicory {@code Instance}: {@link org.wasix4j.WasixHost}.
 *
 * @apiNote API of the artifact {@code wasix-host}.
 */
package org.wasix4j;
