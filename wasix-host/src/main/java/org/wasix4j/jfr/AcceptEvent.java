package org.wasix4j.jfr;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** A guest accepted a connection; the descriptor is the listener's. */
@Name("org.wasix4j.Accept")
@Label("WASIX Accept")
@Description("A guest accepted a connection; the descriptor is the listener's")
final class AcceptEvent extends ConnectionEvent {}
