package org.wasix4j.system.poll;

/** What a thread does in a wait on an epoll set; {@link EpollQueue} gives it. */
enum EpollRole {
    /** It arms keys and selects. */
    LEADS,
    /** As {@link #LEADS}, without waiting: something may be ready. */
    LOOKS,
    /** It is parked until it is woken to lead. */
    FOLLOWS,
    /** As {@link #FOLLOWS}, without waiting: something may be ready. */
    RETURNS,
    /** It takes what the last select has left for want of room; the kernel is not asked. */
    TAKES
}
