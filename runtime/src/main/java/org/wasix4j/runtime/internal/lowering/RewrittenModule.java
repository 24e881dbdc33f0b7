package org.wasix4j.runtime.internal.lowering;

import java.util.Map;

/**
 * A module that the engine can compile.
 *
 * @param wasm the binary; the very array that was given when there was nothing to do
 * @param helpers functions that were appended, by number, and the name of what each of them does:
 *     whoever compiles them may put something quicker in their place
 */
public record RewrittenModule(byte[] wasm, Map<Integer, String> helpers) {}
