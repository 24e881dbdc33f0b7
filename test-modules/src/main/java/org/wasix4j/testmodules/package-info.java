/**
 * Guests and what they must do: precompiled WebAssembly modules with their expectations, for the
 * tests of the other artifacts. Depends on nothing of wasix4j.
 *
 * @apiNote For the tests of this project; not published as API.
 */
package org.wasix4j.testmodules;
