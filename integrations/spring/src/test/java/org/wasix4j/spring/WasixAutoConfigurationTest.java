package org.wasix4j.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.boot.actuate.health.Status;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.wasix4j.runtime.WasixProcess;

/** An application with a guest in it, started as applications are. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class WasixAutoConfigurationTest {

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {
        @Bean
        MeterRegistry registry() {
            return new SimpleMeterRegistry();
        }
    }

    private static ConfigurableApplicationContext start(Map<String, Object> properties) {
        SpringApplication application = new SpringApplication(Application.class);
        application.setDefaultProperties(properties);
        return application.run();
    }

    private static Map<String, Object> hello(String network) {
        return Map.of(
                "server.port", "0",
                "server.address", "127.0.0.1",
                "spring.main.banner-mode", "off",
                "wasix4j.guests.hello.module", "classpath:wasm/http-hello.wasm",
                "wasix4j.guests.hello.arguments", "80",
                "wasix4j.guests.hello.path", "/hello/*",
                "wasix4j.guests.hello.network", network);
    }

    private static HttpResponse<String> get(int port, String path) throws Exception {
        URI page = URI.create("http://127.0.0.1:" + port + path);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void a_guest_answers_behind_the_web_server_is_healthy_and_is_measured() throws Exception {
        WasixProcess guest;
        try (ConfigurableApplicationContext context = start(hello("in-process"))) {
            guest = context.getBean(WasixGuests.class).get("hello");
            int port = ((ServletWebServerApplicationContext) context).getWebServer().getPort();
            for (int i = 0; i < 3; i++) {
                HttpResponse<String> answer = get(port, "/hello/");
                assertThat(answer.statusCode()).isIn(200, 404);
                assertThat(answer.headers().firstValue("Content-Type").orElse(""))
                        .startsWith("text/");
            }
            HealthIndicator health = context.getBean("wasixHealthIndicator", HealthIndicator.class);
            assertThat(health.health().getStatus()).isEqualTo(Status.UP);
            assertThat(
                            context.getBean(MeterRegistry.class)
                                    .get("wasix.connections.accepted")
                                    .tag("guest", "hello")
                                    .functionCounter()
                                    .count())
                    .as("the connection is kept between requests")
                    .isEqualTo(1);
            guest.close();
            assertThat(health.health().getStatus()).isEqualTo(Status.DOWN);
            assertThat(get(port, "/hello/").statusCode()).isEqualTo(502);
        }
        assertThat(guest.isAlive()).isFalse();
    }

    @Test
    void an_application_does_not_start_with_a_guest_that_may_not_listen() {
        assertThatThrownBy(() -> start(hello("loopback:1/in")).close())
                .hasStackTraceContaining("the guest has ended");
    }
}
