package org.wasix4j.jfr;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Timespan;

/** A guest closed a connection, or ended with it open. */
@Name("org.wasix4j.Close")
@Label("WASIX Close")
@Description("A guest closed a connection, or ended with it open")
final class CloseEvent extends ConnectionEvent {

    @Label("Bytes Received")
    @DataAmount
    long bytesReceived;

    @Label("Bytes Sent")
    @DataAmount
    long bytesSent;

    @Label("Age")
    @Description("How long the connection was open")
    @Timespan(Timespan.NANOSECONDS)
    long age;
}
