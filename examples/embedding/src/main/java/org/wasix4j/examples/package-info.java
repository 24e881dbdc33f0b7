/** Small programs that show how WASIX servers run inside Java. */
package org.wasix4j.examples;
