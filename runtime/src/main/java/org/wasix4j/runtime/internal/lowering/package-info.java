/**
 * Rewrites modules: a WebAssembly binary in, a WebAssembly binary out that uses fewer features.
 * What the engine cannot compile is expressed in instructions that it can. Nothing in here knows
 * the engine, a host function or a guest: it reads and writes bytes.
 *
 * @apiNote Implementation, not exported; no API.
 */
package org.wasix4j.runtime.internal.lowering;
