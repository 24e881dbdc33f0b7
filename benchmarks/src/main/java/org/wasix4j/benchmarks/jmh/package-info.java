/** Microbenchmarks of parts of the host, by JMH. */
package org.wasix4j.benchmarks.jmh;
