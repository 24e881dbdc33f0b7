package org.wasix4j.cli;

import static org.wasix4j.cli.Option.list;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.runtime.WasixRuntime;

/** What a program may do in the network, and the sockets that it is given. */
final class NetworkOptions implements OptionGroup {

    List<Values.Rules> rules = new ArrayList<>();

    List<ListenPlace> listeners = new ArrayList<>();

    List<InetSocketAddress> connections = new ArrayList<>();

    private boolean wholeNetwork;

    @Override
    public void addTo(CommandModel command) {
        command.add(
                list("--net", "RULES", new Values.Net(), v -> rules = v)
                        .orAlone(() -> wholeNetwork = true)
                        .description(
                                "Grant the whole network, or what RULES allow, for example",
                                "  loopback:8080/in",
                                "  dns:allow=*.example.org:{80,443}",
                                "  ipv4:allow=10.0.0.0/8:*/out,ipv4:deny=10.0.0.1:*",
                                "  ipv6:allow=[fd00::1]:1024-2047",
                                "  unix:allow=/run/*.sock;in",
                                "separated by commas; deny rules win."));
        command.add(
                list("--listen", "PLACE", new Values.Listen(), v -> listeners = v)
                        .description(
                                "Pass a listening socket, as the descriptor after the directories, to a program",
                                "that cannot listen itself (preview1). PLACE is [HOST]:PORT (port 0: any free port,",
                                "printed on stderr), unix:PATH on the host, or inherited: standard input is the",
                                "socket, as systemd passes it."));
        command.add(
                list("--dial", "HOST:PORT", new Values.DialAddress(), v -> connections = v)
                        .description(
                                "Pass a connected socket, as the descriptor after the listening ones."));
    }

    /**
     * The network: what all rules together allow.
     *
     * @throws IllegalArgumentException when they contradict each other
     */
    NetworkPolicy policy() {
        if (wholeNetwork && !rules.isEmpty()) {
            throw new IllegalArgumentException(
                    "--net grants the whole network, and --net=RULES a part: which is meant?");
        }
        if (rules.isEmpty()) {
            return wholeNetwork ? NetworkPolicy.allowAll() : NetworkPolicy.denyAll();
        }
        if (rules.size() == 1) {
            return rules.get(0).policy();
        }
        return NetworkPolicy.parse(
                rules.stream().map(Values.Rules::text).collect(Collectors.joining(",")));
    }

    /** Whether a listener is standard input, of which the program reads nothing then. */
    boolean takesStandardInput() {
        return listeners.stream().anyMatch(ListenPlace::isInherited);
    }

    /**
     * Gives a program its sockets and its grants.
     *
     * @throws UncheckedIOException with a sentence, when a listener cannot be opened
     */
    void applyTo(WasixRuntime.Builder builder) {
        try {
            for (ListenPlace place : listeners) {
                place.applyTo(builder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
        connections.forEach(builder::withConnection);
        builder.withNetworkPolicy(policy());
    }
}
