package org.wasix4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.WasmModule;
import java.io.OutputStream;
import java.io.Serializable;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.IntToLongFunction;
import java.util.function.IntUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.Handle;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.wasix4j.WasixHost;
import org.wasix4j.runtime.WasixModule;

class LambdaClassesTest {

    @TempDir Path folder;

    /** Lambda expressions and method references of every kind. */
    public static final class Kinds implements Callable<List<Object>> {

        /** So many that they have a class together. */
        private static final List<BiFunction<Integer, Long, Object>> CROWD =
                List.of(
                        (left, right) -> left + right,
                        (left, right) -> left - right,
                        Kinds::sum,
                        Kinds::difference,
                        Objects::equals,
                        (left, right) -> "" + left + right,
                        (left, right) -> null,
                        (left, right) -> new long[] {left, right}.length,
                        (left, right) -> List.of(left, right));

        /** Of the same interface, but not with the same types. */
        private static final BiFunction<String, String, Boolean> SINGLE = String::equals;

        private final List<Object> said = new ArrayList<>();
        private int own = 7;

        private static double difference(int left, long right) {
            return left - right;
        }

        private interface Shape {
            double area(double scale);

            default Supplier<String> name(String before) {
                return () -> before + own();
            }

            private String own() {
                return "shape";
            }
        }

        private static final class Square implements Shape {
            private final double side;

            Square(double side) {
                this.side = side;
            }

            @Override
            public double area(double scale) {
                return side * side * scale;
            }

            private Comparator<String> order() {
                return (left, right) -> (int) side * right.compareTo(left);
            }
        }

        private int add(int value) {
            return own + value;
        }

        private static long sum(Integer left, long right) {
            return left + right;
        }

        private <T extends Comparable<T>> BinaryOperator<T> larger() {
            return (left, right) -> left.compareTo(right) > 0 ? left : right;
        }

        @Override
        public List<Object> call() {
            byte small = 3;
            double wide = 2.5;
            String word = "word";
            long big = 1L << 40;
            Runnable none = () -> said.add("none");
            none.run();
            Runnable dropped = this::hashOf;
            dropped.run();
            IntUnaryOperator mine = this::add;
            said.add(mine.applyAsInt(small));
            Function<Integer, Integer> boxed = this::add;
            said.add(boxed.apply(4));
            BiFunction<Integer, Long, Long> unboxed = Kinds::sum;
            said.add(unboxed.apply(1, 2L));
            IntToLongFunction widened = value -> value;
            said.add(widened.applyAsLong(5));
            IntToLongFunction reference = Math::abs;
            said.add(reference.applyAsLong(-6));
            ToLongFunction<Integer> both = Integer::intValue;
            said.add(both.applyAsLong(8));
            ToDoubleFunction<Character> fromChar = Character::charValue;
            said.add(fromChar.applyAsDouble('c'));
            LongBinaryOperator captured = (left, right) -> left + right + big + small;
            said.add(captured.applyAsLong(1, 2));
            Supplier<String> kept = () -> word + wide + small + big + own;
            said.add(kept.get());
            Function<Double, Shape> made = Square::new;
            said.add(made.apply(1.5).area(wide));
            said.add(made.apply(2.0).name("a ").get());
            IntFunction<int[]> array = int[]::new;
            said.add(array.apply(3).length);
            Supplier<List<String>> list = ArrayList::new;
            said.add(list.get());
            UnaryOperator<String> method = word::concat;
            said.add(method.apply("s"));
            Function<String, Integer> length = String::length;
            said.add(length.apply("four"));
            Predicate<String> test = String::isEmpty;
            said.add(test.negate().test(""));
            Function<Object, String> text = Object::toString;
            said.add(text.apply(List.of(1)));
            said.add(Stream.of("b", "a").sorted(new Square(1).order()).toList());
            said.add(this.<String>larger().apply("x", "y"));
            Supplier<Supplier<Integer>> nested = () -> () -> own++;
            said.add(nested.get().get() + own);
            Comparator<String> kept2 = (Comparator<String> & Serializable) String::compareTo;
            said.add(kept2.compare("a", "b"));
            TreeMap<String, Integer> map = new TreeMap<>();
            map.merge("a", 1, Integer::sum);
            map.merge("a", 1, Integer::sum);
            said.add(map);
            said.add(once() == once());
            CROWD.forEach(each -> said.add(each.apply(5, 6L)));
            said.add(SINGLE.apply("a", "a"));
            return said;
        }

        private int hashOf() {
            said.add("dropped");
            return 1;
        }

        private static Runnable once() {
            return () -> {};
        }
    }

    private Path jarOf(Class<?> type, String prefix) throws Exception {
        Path source = Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
        Path jar = folder.resolve(type.getSimpleName() + ".jar");
        if (Files.isRegularFile(source)) {
            return Files.copy(source, jar);
        }
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file);
                Stream<Path> files = Files.walk(source)) {
            for (Path each : files.filter(Files::isRegularFile).sorted().toList()) {
                String name = source.relativize(each).toString();
                if (name.startsWith(prefix)) {
                    out.putNextEntry(new JarEntry(name));
                    out.write(Files.readAllBytes(each));
                    out.closeEntry();
                }
            }
        }
        return jar;
    }

    /** How many instructions in the jar are left to the JVM's factory of lambda expressions. */
    private static int left(Path jar, String factory) throws Exception {
        int[] left = new int[1];
        try (JarFile file = new JarFile(jar.toFile())) {
            for (JarEntry entry : file.stream().toList()) {
                if (!entry.getName().endsWith(".class")) {
                    continue;
                }
                ClassVisitor counter =
                        new ClassVisitor(Opcodes.ASM9) {
                            @Override
                            public MethodVisitor visitMethod(
                                    int access,
                                    String name,
                                    String type,
                                    String signature,
                                    String[] exceptions) {
                                return new MethodVisitor(Opcodes.ASM9) {
                                    @Override
                                    public void visitInvokeDynamicInsn(
                                            String name, String type, Handle by, Object... more) {
                                        left[0] += by.getName().equals(factory) ? 1 : 0;
                                    }
                                };
                            }
                        };
                new ClassReader(file.getInputStream(entry).readAllBytes()).accept(counter, 0);
            }
        }
        return left[0];
    }

    private static List<?> said(Path jar) throws Exception {
        try (URLClassLoader loader =
                new URLClassLoader(
                        new URL[] {jar.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
            Callable<?> kinds =
                    (Callable<?>)
                            Class.forName(Kinds.class.getName(), true, loader)
                                    .getConstructor()
                                    .newInstance();
            return (List<?>) kinds.call();
        }
    }

    @Test
    void every_kind_of_lambda_expression_does_the_same() throws Exception {
        String prefix = LambdaClassesTest.class.getName().replace('.', '/');
        Path jar = jarOf(LambdaClassesTest.class, prefix);
        List<?> before = said(jar);
        assertThat(left(jar, "metafactory")).isGreaterThan(20);

        OldClasses.rewrite(jar);

        assertThat(left(jar, "metafactory")).isZero();
        // one can be serialised; another instruction makes it when it is read
        assertThat(left(jar, "altMetafactory")).isEqualTo(2);
        assertThat(said(jar)).hasSizeGreaterThan(20).hasToString(before.toString());
        try (JarFile file = new JarFile(jar.toFile())) {
            assertThat(file.stream().filter(entry -> entry.getName().contains("$$C"))).hasSize(1);
        }
    }

    @Test
    void what_is_made_for_the_command_and_its_libraries_verifies() throws Exception {
        List<Path> jars = new ArrayList<>();
        for (Class<?> each :
                List.of(
                        WasixRun.class,
                        WasixModule.class,
                        WasixHost.class,
                        Instance.class,
                        WasmModule.class,
                        MachineFactoryCompiler.class)) {
            jars.add(jarOf(each, ""));
        }
        List<URL> urls = new ArrayList<>();
        for (Path jar : jars) {
            OldClasses.rewrite(jar);
            assertThat(left(jar, "metafactory")).as(jar.toString()).isZero();
            urls.add(jar.toUri().toURL());
        }
        int made = 0;
        // the rest of the class path, for what the lambda expressions mention
        ClassLoader others =
                new ClassLoader(getClass().getClassLoader()) {
                    @Override
                    protected Class<?> loadClass(String name, boolean resolve)
                            throws ClassNotFoundException {
                        if (name.startsWith("org.wasix4j.") || name.startsWith("com.dylibso.")) {
                            throw new ClassNotFoundException(name);
                        }
                        return super.loadClass(name, resolve);
                    }
                };
        try (URLClassLoader loader = new URLClassLoader(urls.toArray(new URL[0]), others)) {
            for (Path jar : jars) {
                try (JarFile file = new JarFile(jar.toFile())) {
                    for (JarEntry entry : file.stream().toList()) {
                        String name = entry.getName();
                        if (name.matches(".*\\$\\$[LC]\\d+\\.class")) {
                            // verifies it; it has no initialiser
                            Class.forName(
                                    name.substring(0, name.length() - 6).replace('/', '.'),
                                    true,
                                    loader);
                            made++;
                        }
                    }
                }
            }
        }
        assertThat(made).isGreaterThan(500);
    }
}
