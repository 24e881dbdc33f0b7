/**
 * The machine of a guest, without pointers and without an engine: {@link
 * org.wasix4j.system.GuestProcess} joins the packages below it.
 *
 * @apiNote Implementation, exported to {@code org.wasix4j.runtime} only; no API.
 */
package org.wasix4j.system;
