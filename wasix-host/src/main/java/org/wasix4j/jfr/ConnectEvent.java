package org.wasix4j.jfr;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** A guest's connection outward was established. */
@Name("org.wasix4j.Connect")
@Label("WASIX Connect")
@Description("A guest's connection outward was established")
final class ConnectEvent extends ConnectionEvent {}
