/** Guests as fixtures of JUnit 5 tests: {@link org.wasix4j.junit.WasixGuest}. */
package org.wasix4j.junit;
