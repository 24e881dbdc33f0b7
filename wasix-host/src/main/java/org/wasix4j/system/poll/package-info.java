/**
 * Waiting for several descriptors: {@code poll}, epoll sets, and the pipes and event counters that
 * are made for it.
 *
 * @apiNote Implementation, exported to {@code org.wasix4j.runtime} only; no API.
 */
package org.wasix4j.system.poll;
