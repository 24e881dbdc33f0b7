package org.wasix4j.jfr;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import org.wasix4j.types.Nullable;

/** A process of a guest begins to end. */
@Name("org.wasix4j.Exit")
@Label("WASIX Exit")
@Description("A process of a guest begins to end")
final class ExitEvent extends GuestEvent {

    @Label("Kind")
    @Description("exited, trapped, killed, timed_out or host_fault")
    @Nullable
    String kind;

    @Label("Code")
    @Description("The exit code, or the signal's number of one that was killed or trapped")
    int code;

    @Label("Message")
    @Nullable
    String message;
}
