package org.wasix4j.jfr;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** The policy refused something to a guest. */
@Name("org.wasix4j.Denial")
@Label("WASIX Denial")
@Description("The policy refused something to a guest")
final class DenialEvent extends GuestEvent {

    @Label("Operation")
    String operation;

    @Label("Target")
    @Description("The address or name that the guest asked for")
    String target;

    @Label("Reason")
    @Description("The rule that forbids it, or what would allow it")
    String reason;
}
