/**
 * Receivers of what a guest does: {@link org.wasix4j.trace.SyscallListener} for every call, {@link
 * org.wasix4j.trace.SystemObserver} for connections and refusals, and {@link
 * org.wasix4j.trace.SyscallTracer}, which writes calls as text or JSON.
 *
 * @apiNote API of the artifact {@code wasix-host}.
 */
package org.wasix4j.trace;
