package org.wasix4j.spring;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.io.Resource;
import org.springframework.util.unit.DataSize;

/**
 * The properties {@code wasix4j.*}.
 *
 * @param guests the guests by name
 */
@ConfigurationProperties("wasix4j")
public record WasixProperties(@DefaultValue Map<String, Guest> guests) {

    /**
     * A guest.
     *
     * @param module the WebAssembly module, such as {@code classpath:shop.wasm}
     * @param arguments the guest's arguments
     * @param environment variables of its environment
     * @param volumes folders it may use: {@code HOST:GUEST} or {@code HOST:GUEST:ro}
     * @param network {@code in-process}: a network inside the JVM, which the guests share; or rules
     *     for the machine's network, such as {@code loopback:8080/in}
     * @param port the port on which a guest of the network inside listens, for {@code path}
     * @param path the servlet mapping under which it is reached, such as {@code /shop/*}; none
     *     unless set
     * @param listens whether the application waits until it listens
     * @param startTimeout how long that may take
     * @param answerTimeout how long it may take to begin an answer
     * @param stopTimeout how long it may take to end
     * @param maxMemory the most linear memory; what the module says unless set
     */
    public record Guest(
            Resource module,
            @DefaultValue List<String> arguments,
            @DefaultValue Map<String, String> environment,
            @DefaultValue List<String> volumes,
            @DefaultValue("in-process") String network,
            @DefaultValue("80") int port,
            String path,
            @DefaultValue("true") boolean listens,
            @DefaultValue("60s") Duration startTimeout,
            @DefaultValue("60s") Duration answerTimeout,
            @DefaultValue("8s") Duration stopTimeout,
            DataSize maxMemory) {

        /** Whether it is in the network inside the JVM. */
        boolean isInProcess() {
            return network.equals("in-process");
        }
    }
}
