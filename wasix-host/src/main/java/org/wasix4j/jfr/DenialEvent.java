package org.wasix4j.jfr;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import org.wasix4j.types.Nullable;

/** The policy refused something to a guest. */
@Name("org.wasix4j.Denial")
@Label("WASIX Denial")
@Description("The policy refused something to a guest")
final class DenialEvent extends GuestEvent {

    @Label("Operation")
    @Nullable
    String operation;

    @Label("Target")
    @Description("The address or name that the guest asked for")
    @Nullable
    String target;

    @Label("Reason")
    @Description("The rule that forbids it, or what would allow it")
    @Nullable
    String reason;
}
