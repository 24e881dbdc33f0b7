package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.Parser;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.wasix4j.testmodules.TestModule;

/** What HotSpot learns of the accesses of one module is not to reach the code of another. */
@DisabledIfSystemProperty(named = AccessCopies.ALONE_PROPERTY, matches = "true")
class AccessCopiesTest {

    private static final byte[] WASM = TestModule.named("system/instructions").bytes();
    private static final String ACCESS = GuestAccess.class.getName();

    @Test
    void the_code_of_each_module_calls_a_copy_of_its_own() throws Exception {
        CompiledCode code = ExecutionWays.compile(WASM, Set.of());
        Class<?> one = accessOf(code);
        Class<?> other = accessOf(code);

        assertThat(one).isNotSameAs(other).isNotSameAs(GuestAccess.class);
        assertThat(other).isNotSameAs(GuestAccess.class);
        assertThat(one.getName()).isEqualTo(ACCESS);
    }

    @Test
    void so_does_code_that_is_compiled_when_it_is_called() throws Exception {
        Class<?> one = new LazyLoader("One").loadClass(ACCESS);
        Class<?> other = new LazyLoader("One").loadClass(ACCESS);

        assertThat(one).isNotSameAs(other).isNotSameAs(GuestAccess.class);
    }

    /** The class that the code of a module calls for its loads and stores. */
    private static Class<?> accessOf(CompiledCode code) throws ClassNotFoundException {
        Machine[] made = new Machine[1];
        Instance.builder(Parser.parse(WASM))
                .withMachineFactory(instance -> made[0] = code.define(false).apply(instance))
                .withStart(false)
                .build();
        return made[0].getClass().getClassLoader().loadClass(ACCESS);
    }
}
