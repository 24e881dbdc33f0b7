package org.wasix4j.system.net;

import java.io.IOException;
import java.net.SocketOption;

/** What carries an option to the host: a stream endpoint or a datagram port. */
public interface OptionTarget {

    /**
     * Sets an option.
     *
     * @return false when it does not have this option
     */
    <T> boolean set(SocketOption<T> option, T value) throws IOException;
}
