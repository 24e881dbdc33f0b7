package org.wasix4j.http;

import java.io.IOException;
import org.wasix4j.runtime.InProcessConnection;

/** Makes a connection to the guest, such as {@code () -> guest.connect(80)}. */
@FunctionalInterface
public interface GuestConnector {

    /**
     * A new connection.
     *
     * @throws IOException when the guest does not listen
     */
    InProcessConnection connect() throws IOException;
}
