/**
 * The runtime behind the API: parsing and compiling, the guest's memory, its threads and its end.
 *
 * @apiNote Implementation, not exported; no API.
 */
package org.wasix4j.runtime.internal;
