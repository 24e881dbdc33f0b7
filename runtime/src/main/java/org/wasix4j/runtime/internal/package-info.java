/** The engine room: parsing and compiling, the guest's memory, its threads and its end. */
package org.wasix4j.runtime.internal;
