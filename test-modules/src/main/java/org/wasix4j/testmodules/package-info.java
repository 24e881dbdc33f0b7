/**
 * Guests and what they must do: precompiled WebAssembly modules with their expectations, for the
 * tests of the other artifacts. Depends on nothing of wasix4j.
 */
package org.wasix4j.testmodules;
