package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.policy.NetworkOperation;

/** Without a grant there is no network, and the host says which option would give it. */
class NetworkDeniedTest {

    private static Guest startWithoutGrant(String module, String... arguments) {
        return Guest.start(
                Guest.module(module, Engine.COMPILER),
                new byte[0],
                settings -> settings.withArguments(arguments));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "echo-server",
                "http-hello",
                "first-generation/echo-server",
                "first-generation/echo-server-filetypes"
            })
    void a_server_gets_acces_and_the_host_hears_which_option_would_allow_it(String module)
            throws Exception {
        try (Guest guest = startWithoutGrant(module, "0", "127.0.0.1")) {
            assertThat(guest.awaitEnd().code()).isEqualTo(1);
            assertThat(guest.stderr()).containsAnyOf(": acces\n", "errno 2\n");
            assertThat(guest.denied()).hasSize(1);
            assertThat(guest.denied().get(0).allowed()).isFalse();
            assertThat(guest.denied().get(0).toString()).contains("--net").contains("127.0.0.1:0");
            assertThat(guest.process().listeningAddresses()).isEmpty();
        }
    }

    @Test
    void a_client_does_not_reach_a_server_that_is_there() throws Exception {
        try (ServerSocket server = new ServerSocket(0)) {
            String port = Integer.toString(server.getLocalPort());
            try (Guest guest = startWithoutGrant("http-get", "127.0.0.1", port)) {
                assertThat(guest.awaitEnd().code()).isEqualTo(1);
                assertThat(guest.stderr()).isEqualTo("connect 127.0.0.1:" + port + ": acces\n");
                assertThat(guest.denied()).hasSize(1);
                assertThat(guest.denied().get(0).operation()).isEqualTo(NetworkOperation.CONNECT);
                assertThat(guest.denied().get(0).toString()).contains("--net");
            }
            server.setSoTimeout(1);
            assertThat(org.assertj.core.api.Assertions.catchThrowable(server::accept))
                    .isInstanceOf(java.net.SocketTimeoutException.class);
        }
    }
}
