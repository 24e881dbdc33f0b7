/**
 * Guests as fixtures of JUnit 5 tests: {@link org.wasix4j.junit.WasixGuest}.
 *
 * @apiNote API of the artifact {@code wasix-junit}.
 */
package org.wasix4j.junit;
