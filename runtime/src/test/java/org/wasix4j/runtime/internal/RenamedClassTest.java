package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

// public because the copy of its sample has another loader
public class RenamedClassTest {

    /** Has constants of every kind, and names itself in several ways. */
    public static final class Sample implements Supplier<List<?>> {

        private static final String TEXT = "org/wasix4j/runtime/internal/RenamedClassTest$Sample!";

        private final Sample other;

        public Sample() {
            this(null);
        }

        private Sample(Sample other) {
            this.other = other;
        }

        private static long twice(Sample of) {
            return of.other == null ? 1L << 40 : 2 * twice(of.other);
        }

        @Override
        public List<?> get() {
            Sample[] nested = {new Sample(new Sample())};
            Supplier<Number> half = () -> twice(nested[0]) / 2.5 + 70_000 + 1.5f;
            return Stream.of(half.get(), Sample.class.isInstance(nested[0]), TEXT).toList();
        }
    }

    private static byte[] code(Class<?> type) throws Exception {
        String file = type.getName().substring(type.getPackageName().length() + 1) + ".class";
        try (InputStream in = type.getResourceAsStream(file)) {
            return in.readAllBytes();
        }
    }

    @Test
    void the_class_does_the_same_under_another_name() throws Exception {
        String name = "org.wasix4j.runtime.internal.AnotherOneWithALongerName";
        byte[] renamed =
                RenamedClass.of(
                        code(Sample.class),
                        Type.getInternalName(Sample.class),
                        name.replace('.', '/'),
                        Opcodes.ACC_PUBLIC | Opcodes.ACC_SUPER);
        ClassLoader loader =
                new ClassLoader(RenamedClassTest.class.getClassLoader()) {
                    @Override
                    protected Class<?> findClass(String wanted) throws ClassNotFoundException {
                        if (!wanted.equals(name)) {
                            throw new ClassNotFoundException(wanted);
                        }
                        return defineClass(name, renamed, 0, renamed.length);
                    }
                };

        Class<?> type = Class.forName(name, true, loader);
        Object made = type.getConstructor().newInstance();

        assertThat(((Supplier<?>) made).get()).isEqualTo(new Sample().get());
    }

    @Test
    void the_helpers_of_compiled_code_have_the_methods_of_the_engines() throws Exception {
        byte[] wasm = {0, 'a', 's', 'm', 1, 0, 0, 0};
        CompiledCode code =
                CompilableModule.of(wasm, new Loading(0, null))
                        .compiler(new Loading(0, null))
                        .compile();
        byte[] helpers =
                code.classes().entrySet().stream()
                        .filter(each -> each.getKey().endsWith(EngineCalls.HELPERS))
                        .map(each -> each.getValue().array())
                        .findFirst()
                        .orElseThrow();
        ClassReader reader = new ClassReader(helpers);

        assertThat(reader.getClassName())
                .isEqualTo(code.mainClass().replace('.', '/') + EngineCalls.HELPERS);
        assertThat(reader.getAccess()).isEqualTo(Opcodes.ACC_FINAL | Opcodes.ACC_SUPER);
        // verifies it
        code.define(true);
        assertThat(helpers.length).isGreaterThan(5000);
    }
}
