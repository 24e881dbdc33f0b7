package org.wasix4j.system.net;

import java.io.IOException;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.InetAddr;

/** The machine's network, over NIO. */
public final class HostNetwork implements Network {

    private static final HostNetwork INSTANCE = new HostNetwork();

    private HostNetwork() {}

    /** The one there is. */
    public static HostNetwork instance() {
        return INSTANCE;
    }

    @Override
    public BoundPort bind(InetAddr local, boolean reusePort) throws IOException {
        throw new IOException("to be written");
    }

    @Override
    public StreamEndpoint open(AddressFamily family) throws IOException {
        throw new IOException("to be written");
    }

    @Override
    public boolean supports(AddressFamily family) {
        return true;
    }
}
