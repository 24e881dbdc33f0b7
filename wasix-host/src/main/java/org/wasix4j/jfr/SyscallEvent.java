package org.wasix4j.jfr;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;
import org.wasix4j.types.Nullable;

/** A host call that took at least its threshold: 20 ms, as the JDK's own events of sockets. */
@Name("org.wasix4j.Syscall")
@Label("WASIX Call")
@Description("A call of a guest to its host that took long")
@Threshold("20 ms")
final class SyscallEvent extends GuestEvent {

    @Label("Function")
    @Nullable
    String function;

    @Label("File Descriptor")
    @Description("The descriptor that the call is for, -1 for none")
    int fd;

    @Label("Errno")
    @Description("How it ended, by name; ? when it did not return to the guest")
    @Nullable
    String errno;

    @Label("Bytes")
    @Description("How many bytes were moved, -1 for a call that moves none")
    long bytes;
}
