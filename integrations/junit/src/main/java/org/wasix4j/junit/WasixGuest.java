package org.wasix4j.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs a WebAssembly server for tests. On a static field of type {@code WasixProcess} there is one
 * guest for the class, on an instance field or a parameter one for each test. The test begins when
 * the guest listens, and the guest is stopped afterwards. When a test fails, what the guest wrote
 * is attached to the failure.
 *
 * <pre>{@code
 * class ShopTest {
 *     @WasixGuest(module = "redis.wasm", args = {"--port", "0"}, network = GuestNetwork.LOOPBACK)
 *     static WasixProcess redis;
 *
 *     @Test
 *     void a_price_is_kept() { ... new Jedis("127.0.0.1", redis.port()) ... }
 * }
 * }</pre>
 *
 * <p>Compiled code is kept in the user's cache folder, as the command does; the configuration
 * parameter {@code wasix4j.cache} names another folder, or {@code none}. Tests may run in parallel:
 * guests do not see each other, but for those in the network that a class shares.
 */
@Documented
@Target({ElementType.FIELD, ElementType.PARAMETER})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(WasixGuestExtension.class)
public @interface WasixGuest {

    /** The module: a resource of the class path, or else a file. */
    String module();

    /** The guest's arguments. */
    String[] args() default {};

    /** Variables of its environment, {@code NAME=VALUE} each. */
    String[] env() default {};

    /** Folders it may use: {@code HOST:GUEST} or {@code HOST:GUEST:ro}. */
    String[] volumes() default {};

    /** Where it listens. */
    GuestNetwork network() default GuestNetwork.IN_PROCESS;

    /** Whether the test waits until the guest listens; false for guests that do not. */
    boolean listens() default true;

    /** How long it may take until it listens, in seconds. */
    int startSeconds() default 60;
}
