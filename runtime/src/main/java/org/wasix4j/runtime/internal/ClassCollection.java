package org.wasix4j.runtime.internal;

import com.dylibso.chicory.compiler.internal.CompilerResult;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.wasix4j.runtime.internal.link.ModuleNeeds;
import org.wasix4j.types.Nullable;

/**
 * The classes of a module that is compiled in parts, as they come: of each part the classes with
 * its functions, and once those besides them. All of them are tuned.
 */
final class ClassCollection {

    private static final Pattern FUNCTION_GROUP = Pattern.compile(".*FuncGroup_(\\d+)");

    private final ModuleParts parts;
    private final UnaryOperator<byte[]> tuner;
    private final int functions;
    private final int perClass;

    /** The classes, the same way as {@link CompiledCode} has them. */
    private final Map<String, ByteBuffer> classes = new ConcurrentSkipListMap<>();

    /** For which interpreted functions the classes besides the functions' own were made. */
    private volatile @Nullable Set<Integer> framedFor;

    private volatile @Nullable String mainClass;

    /** How modules call each other. Not before the engine has found the module valid. */
    private volatile @Nullable CrossingCode crossings;

    /**
     * No classes yet.
     *
     * @param tuner what is done to each class that the engine makes
     * @param functions how many functions the module has, the imported ones among them
     * @param perClass how many share a class
     */
    ClassCollection(ModuleParts parts, UnaryOperator<byte[]> tuner, int functions, int perClass) {
        this.parts = parts;
        this.tuner = tuner;
        this.functions = functions;
        this.perClass = perClass;
    }

    /**
     * Takes from a compilation the classes of some functions, and those besides when there are none
     * yet.
     *
     * @param from the first function, which is the first one of its class
     * @param to the function behind the last one
     * @param interpreted the functions that the main class gives to the interpreter
     */
    void take(int from, int to, CompilerResult result, Set<Integer> interpreted) {
        boolean frame = framedFor == null;
        Map<String, byte[]> sorted = new TreeMap<>(result.classBytes());
        requireAllInTheirClasses(sorted.keySet());
        sorted.forEach(
                (name, code) -> {
                    // the engine names some classes with slashes and some with dots
                    String dotted = name.replace('/', '.');
                    Matcher group = FUNCTION_GROUP.matcher(dotted);
                    if (!group.matches()) {
                        return;
                    }
                    int first = Integer.parseInt(group.group(1)) * perClass;
                    if (first >= from && first < to) {
                        put(dotted, tuned(code, dotted, first));
                    }
                });
        if (frame) {
            takeFrame(result, interpreted);
        }
    }

    /** The engine puts fewer functions into a class when one has too many constants otherwise. */
    private void requireAllInTheirClasses(Set<String> names) {
        long groups = names.stream().filter(name -> FUNCTION_GROUP.matcher(name).matches()).count();
        int size = perClass;
        while (size > 1 && (functions + size - 1) / size < groups) {
            size /= 2;
        }
        if (size != perClass) {
            throw new EngineCompiler.AgainException(size);
        }
    }

    /**
     * Whether there are the classes besides the functions' own, for these interpreted functions.
     */
    boolean isFramedFor(Set<Integer> interpreted) {
        return interpreted.equals(framedFor);
    }

    /**
     * Takes the classes besides the functions' own from a compilation without the functions.
     *
     * @param restored what is done to each of them first
     * @param listed how many functions the main class has a case for
     * @return false when each class depends on how the others came out
     */
    boolean takeFrameAlone(CompilerResult result, UnaryOperator<byte[]> restored, int listed) {
        Set<String> names = result.classBytes().keySet();
        if (names.stream().anyMatch(name -> name.contains(CrossingCode.BRIDGE))) {
            return false;
        }
        takeFrame(result, Set.of(), restored, listed);
        return true;
    }

    /** Takes the classes besides the functions' own, which are the same for all parts. */
    void takeFrame(CompilerResult result, Set<Integer> interpreted) {
        takeFrame(result, interpreted, UnaryOperator.identity(), functions);
    }

    private synchronized void takeFrame(
            CompilerResult result,
            Set<Integer> interpreted,
            UnaryOperator<byte[]> restored,
            int listed) {
        mainClass = result.collector().mainClassName();
        // another one may have had more classes
        classes.keySet().removeIf(name -> !FUNCTION_GROUP.matcher(name).matches());
        result.classBytes()
                .forEach(
                        (name, made) -> {
                            String dotted = name.replace('/', '.');
                            if (!FUNCTION_GROUP.matcher(dotted).matches()) {
                                byte[] code = restored.apply(made);
                                boolean main = dotted.equals(mainClass.replace('/', '.'));
                                byte[] tuned = main ? tunedMain(code) : tuned(code, dotted, -1);
                                byte[] used =
                                        main && !interpreted.isEmpty()
                                                ? InterpreterCode.use(tuned)
                                                : tuned;
                                put(
                                        dotted,
                                        DividedDispatch.isNeeded(listed)
                                                ? DividedDispatch.of(used)
                                                : used);
                            }
                        });
        framedFor = interpreted;
    }

    /** How modules call each other, or null for a module that calls no others. */
    private @Nullable CrossingCode crossings() {
        if (!ModuleNeeds.linker(parts.skeleton())) {
            return null;
        }
        if (crossings == null) {
            crossings = new CrossingCode(parts.skeleton(), perClass);
        }
        return crossings;
    }

    /**
     * A class besides the main one, as it is to be.
     *
     * @param first the number of its first function, or -1 when it has none
     */
    byte[] tuned(byte[] code, String name, int first) {
        try {
            byte[] tuned = tuner.apply(code);
            CrossingCode its = crossings();
            return its == null ? tuned : its.other(tuned, name, first);
        } catch (RuntimeException e) {
            throw EngineCompiler.sorted(e, perClass);
        }
    }

    /** The main class as it is to be. */
    private byte[] tunedMain(byte[] code) {
        try {
            byte[] tuned = tuner.apply(code);
            CrossingCode its = crossings();
            return its == null ? tuned : its.main(tuned);
        } catch (RuntimeException e) {
            throw EngineCompiler.sorted(e, perClass);
        }
    }

    private void put(String name, byte[] code) {
        classes.put(name, ByteBuffer.wrap(code));
    }

    /** All of them. */
    CompiledCode code(Set<Integer> interpreted) {
        return new CompiledCode(
                Objects.requireNonNull(mainClass), new TreeMap<>(classes), Set.copyOf(interpreted));
    }
}
