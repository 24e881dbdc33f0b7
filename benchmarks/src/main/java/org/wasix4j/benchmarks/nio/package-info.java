/** Servers in plain Java NIO, to compare guests with. */
package org.wasix4j.benchmarks.nio;
