/**
 * Sockets as state machines over a {@link org.wasix4j.system.net.Network}: the host's by NIO, one
 * in memory, and unix sockets.
 *
 * @apiNote Implementation, exported to {@code org.wasix4j.runtime} only; no API.
 */
package org.wasix4j.system.net;
