package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;
import org.wasix4j.junit.GuestNetwork;
import org.wasix4j.junit.WasixGuest;
import org.wasix4j.runtime.WasixProcess;

class ShopTest {

    @WasixGuest(
            module = "src/main/wasm/server.wasm",
            args = {"0", "127.0.0.1"},
            network = GuestNetwork.LOOPBACK)
    static WasixProcess server;

    @Test
    void the_server_greets() throws Exception {
        URI page = URI.create("http://127.0.0.1:" + server.port() + "/");
        HttpRequest get = HttpRequest.newBuilder(page).build();
        assertTrue(
                HttpClient.newHttpClient()
                        .send(get, BodyHandlers.ofString())
                        .body()
                        .contains("Hello from WASIX"));
    }

    @Test
    void the_program_asks_what_was_compiled_by_the_build() throws Exception {
        assertEquals("HTTP/1.0 200 OK", Shop.firstLine().replace("1.1", "1.0"));
    }
}
