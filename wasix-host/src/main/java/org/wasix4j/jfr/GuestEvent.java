package org.wasix4j.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.StackTrace;
import org.wasix4j.types.Nullable;

/** What all events say: whose they are. The stack would be the guest's compiled code. */
@Category("WASIX")
@StackTrace(false)
abstract class GuestEvent extends Event {

    @Label("Guest")
    @Description("A number of the guest, unique in this JVM")
    long guest;

    @Label("Process Id")
    @Description("The number that the guest sees as its own")
    int pid;

    @Label("Program")
    @Description("The first word of the guest's command line")
    @Nullable
    String program;

    @Label("Guest Thread")
    @Description("The guest's number of the thread, 0 for a thread of the host")
    int tid;

    final void of(Guest whose, int thread) {
        guest = whose.id();
        pid = whose.pid();
        program = whose.program();
        tid = thread;
    }
}
