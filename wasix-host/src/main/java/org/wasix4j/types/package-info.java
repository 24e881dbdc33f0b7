/**
 * Values that all layers share: errnos, addresses, numbers and flags of the ABI. They depend on
 * nothing.
 *
 * @apiNote API of the artifact {@code wasix-host}.
 */
package org.wasix4j.types;
