/** Measures guests beside the same programs as native code and as plain Java. */
package org.wasix4j.benchmarks;
