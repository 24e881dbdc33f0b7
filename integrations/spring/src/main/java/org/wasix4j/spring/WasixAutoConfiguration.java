package org.wasix4j.spring;

import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Map;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.ServletContextInitializer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.wasix4j.http.GuestProxy;
import org.wasix4j.http.GuestServlet;
import org.wasix4j.micrometer.WasixMeters;
import org.wasix4j.runtime.WasixProcess;

/**
 * Makes {@link WasixGuests}, and what an application around it can have: a servlet for each guest
 * with a path, a health indicator where there is the Actuator, meters where there is Micrometer.
 */
@AutoConfiguration
@EnableConfigurationProperties(WasixProperties.class)
public class WasixAutoConfiguration {

    /** The guests. */
    @Bean
    @ConditionalOnMissingBean
    public WasixGuests wasixGuests(WasixProperties properties) {
        return new WasixGuests(properties);
    }

    /** Guests behind the application's web server. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
    @ConditionalOnClass(name = "jakarta.servlet.http.HttpServlet")
    static class Servlets {

        @Bean
        ServletContextInitializer wasixServlets(WasixProperties properties, WasixGuests guests) {
            return context ->
                    properties
                            .guests()
                            .forEach(
                                    (name, guest) -> {
                                        if (guest.path() != null) {
                                            GuestProxy proxy =
                                                    new GuestProxy(
                                                            () ->
                                                                    guests.get(name)
                                                                            .connect(guest.port()),
                                                            guest.answerTimeout());
                                            context.addServlet(
                                                            "wasix4j." + name,
                                                            new GuestServlet(proxy))
                                                    .addMapping(guest.path());
                                        }
                                    });
        }
    }

    /** Up while every guest runs. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(HealthIndicator.class)
    static class HealthOfGuests {

        @Bean
        HealthIndicator wasixHealthIndicator(WasixGuests guests) {
            return () -> {
                Health.Builder health = Health.up();
                for (Map.Entry<String, WasixProcess> each : guests.all().entrySet()) {
                    WasixProcess guest = each.getValue();
                    if (guest.isAlive()) {
                        health.withDetail(each.getKey(), "running");
                    } else {
                        health.down()
                                .withDetail(
                                        each.getKey(),
                                        guest.exitStatus().map(Object::toString).orElse("ended"));
                    }
                }
                return health.build();
            };
        }
    }

    /** The numbers of each guest. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(MeterBinder.class)
    static class Meters {

        @Bean
        MeterBinder wasixMeters(WasixGuests guests) {
            return registry ->
                    guests.all()
                            .forEach(
                                    (name, guest) -> new WasixMeters(name, guest).bindTo(registry));
        }
    }
}
