package org.wasix4j.jfr;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import org.wasix4j.types.Nullable;

/** A process has started another one, or itself another program. */
@Name("org.wasix4j.Start")
@Label("WASIX Process Start")
@Description("A process of a guest was forked, spawned, or got another program")
final class StartEvent extends GuestEvent {

    @Label("Parent")
    @Description("The number of the parent process, as the guest sees it")
    int parent;

    @Label("Command")
    @Nullable
    String command;
}
