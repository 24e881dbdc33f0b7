package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.InterpreterMachine;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.WasmRuntimeException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.LongBinaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.commons.CodeSizeEvaluator;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.JumpInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.wasix4j.testmodules.TestModule;

class CodeTunerTest {

    private static final byte[] WASM = TestModule.named("system/instructions").bytes();
    private static final WasmModule MODULE = Parser.parse(WASM);
    private static final CompiledCode CODE = ExecutionWays.compile(WASM, Set.of());
    private static final int PAGE = Memory.PAGE_SIZE;

    /** HotSpot's MaxInlineSize. */
    private static final int MAX_INLINE_SIZE = 35;

    private static final List<String> SHAPES =
            List.of("", " ?", " !", " !!", " if", " select", " loop");

    private static final long[] OPERANDS = {
        0,
        1,
        2,
        -1,
        -2,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        Integer.MAX_VALUE - 1,
        Integer.MIN_VALUE + 1,
        0x1_0000_0000L,
        0x1_0000_0001L,
        0xffff_ffffL,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };

    private static final Map<String, LongBinaryOperator> COMPARISONS =
            Map.of(
                    "eq", (a, b) -> a == b ? 1 : 0,
                    "ne", (a, b) -> a != b ? 1 : 0,
                    "lt_s", (a, b) -> a < b ? 1 : 0,
                    "le_s", (a, b) -> a <= b ? 1 : 0,
                    "gt_s", (a, b) -> a > b ? 1 : 0,
                    "ge_s", (a, b) -> a >= b ? 1 : 0,
                    "lt_u", (a, b) -> Long.compareUnsigned(a, b) < 0 ? 1 : 0,
                    "le_u", (a, b) -> Long.compareUnsigned(a, b) <= 0 ? 1 : 0,
                    "gt_u", (a, b) -> Long.compareUnsigned(a, b) > 0 ? 1 : 0,
                    "ge_u", (a, b) -> Long.compareUnsigned(a, b) >= 0 ? 1 : 0);

    private final List<LinearMemory> memories = new ArrayList<>();

    private Instance compiled(boolean raw) {
        LinearMemory memory =
                new LinearMemory(new MemoryLimits(1, 4), Memory.RUNTIME_MAX_PAGES, raw);
        memories.add(memory);
        return Instance.builder(MODULE)
                .withMemoryFactory(limits -> memory)
                .withMachineFactory(CODE.define(true))
                .withStart(false)
                .build();
    }

    @AfterEach
    void giveBack() {
        memories.forEach(LinearMemory::free);
    }

    private static long call(Instance instance, String name, long... arguments) {
        long[] results = instance.export(name).apply(arguments);
        return results == null || results.length == 0 ? 0 : results[0];
    }

    @Test
    void every_comparison_in_every_shape_holds_when_the_specification_says_so() {
        Instance instance = compiled(true);
        COMPARISONS.forEach(
                (name, comparison) -> {
                    for (long left : OPERANDS) {
                        for (long right : OPERANDS) {
                            long wanted = comparison.applyAsLong(left, right);
                            long wantedOfInts = comparison.applyAsLong((int) left, (int) right);
                            for (String shape : SHAPES) {
                                assertThat(call(instance, "i64." + name + shape, left, right))
                                        .as("i64.%s%s %d %d", name, shape, left, right)
                                        .isEqualTo(wanted);
                                assertThat(call(instance, "i32." + name + shape, left, right))
                                        .as("i32.%s%s %d %d", name, shape, left, right)
                                        .isEqualTo(wantedOfInts);
                            }
                        }
                    }
                });
        for (long operand : OPERANDS) {
            for (String shape : SHAPES) {
                assertThat(call(instance, "i64.eqz" + shape, operand))
                        .as("i64.eqz%s %d", shape, operand)
                        .isEqualTo(operand == 0 ? 1 : 0);
                assertThat(call(instance, "i32.eqz" + shape, operand))
                        .as("i32.eqz%s %d", shape, operand)
                        .isEqualTo((int) operand == 0 ? 1 : 0);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void loads_and_stores_do_what_the_interpreter_does(boolean raw) {
        Instance instance = compiled(raw);
        LinearMemory oracleMemory =
                new LinearMemory(new MemoryLimits(1, 4), Memory.RUNTIME_MAX_PAGES, false);
        memories.add(oracleMemory);
        Instance oracle =
                Instance.builder(MODULE)
                        .withMemoryFactory(limits -> oracleMemory)
                        .withMachineFactory(InterpreterMachine::new)
                        .withStart(false)
                        .build();
        long[] addresses = {0, 1, 5, 8, 65520, 65527, 65528, 65535, 65536, 0x7fffffff, -1, -8};
        long[] values = {0, -1, 0x0123456789abcdefL, Long.MIN_VALUE, 0x7ff0000000000001L};
        for (int i = 0; i < MODULE.exportSection().exportCount(); i++) {
            String name = MODULE.exportSection().getExport(i).name();
            if (!name.contains(".store") && !name.contains(".load")) {
                continue;
            }
            for (long address : addresses) {
                for (long value : values) {
                    long[] arguments =
                            name.contains(".store")
                                    ? new long[] {address, value}
                                    : new long[] {address};
                    // the interpreter lets the sum of address and offset wrap
                    String wanted =
                            isInside(name, address) ? outcome(oracle, name, arguments) : "trap";
                    assertThat(outcome(instance, name, arguments))
                            .as("%s at %d of %x", name, address, value)
                            .isEqualTo(wanted);
                }
            }
        }
        assertThat(instance.memory().readBytes(0, PAGE))
                .isEqualTo(oracle.memory().readBytes(0, PAGE));
    }

    /** Whether an access such as {@code i32.load8_u 65528} is within the memory. */
    private static boolean isInside(String name, long address) {
        Matcher parts =
                Pattern.compile("[if](32|64)\\.(?:load|store)(8|16|32)?(?:_[su])? (\\d+)")
                        .matcher(name);
        assertThat(parts.matches()).isTrue();
        int bits = Integer.parseInt(parts.group(2) != null ? parts.group(2) : parts.group(1));
        long at = (address & 0xffffffffL) + Long.parseLong(parts.group(3));
        return at + bits / 8 <= PAGE;
    }

    private static String outcome(Instance instance, String name, long... arguments) {
        try {
            return Long.toHexString(call(instance, name, arguments));
        } catch (WasmRuntimeException e) {
            return "trap";
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void the_last_bytes_of_the_memory_are_reached_and_the_next_are_not(boolean raw) {
        Instance instance = compiled(raw);
        ByteBuffer view = ((LinearMemory) instance.memory()).view();
        view.order(ByteOrder.LITTLE_ENDIAN).putLong(PAGE - 8, 0x0102030405060708L);
        assertThat(call(instance, "i64.load 0", PAGE - 8)).isEqualTo(0x0102030405060708L);
        assertThat(call(instance, "i32.load 0", PAGE - 4)).isEqualTo(0x01020304);
        assertThat(call(instance, "i32.load16_u 0", PAGE - 2)).isEqualTo(0x0102);
        assertThat(call(instance, "i32.load8_u 0", PAGE - 1)).isEqualTo(1);
        for (String name : List.of("i64.load 0", "i32.load 0", "i32.load16_u 0")) {
            assertThatThrownBy(() -> call(instance, name, PAGE - 1))
                    .isInstanceOf(WasmRuntimeException.class)
                    .hasMessageContaining("out of bounds memory access");
        }
        assertThatThrownBy(() -> call(instance, "i32.load8_u 0", PAGE))
                .isInstanceOf(WasmRuntimeException.class);
        // 0xffffffff + 0xffffffff and 1 + 0xffffffff do not wrap
        assertThatThrownBy(() -> call(instance, "i32.load8_u 4294967295", -1))
                .isInstanceOf(WasmRuntimeException.class);
        assertThatThrownBy(() -> call(instance, "i32.load8_u 4294967295", 1))
                .isInstanceOf(WasmRuntimeException.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void memory_that_has_grown_is_reached_and_memory_that_was_given_back_is_not(boolean raw) {
        Instance instance = compiled(raw);
        assertThatThrownBy(() -> call(instance, "i32.store 0", PAGE, 7))
                .isInstanceOf(WasmRuntimeException.class);
        assertThat(call(instance, "grow", 1)).isEqualTo(1);
        call(instance, "i32.store 0", PAGE, 7);
        assertThat(call(instance, "i32.load 0", PAGE)).isEqualTo(7);
        ((LinearMemory) instance.memory()).free();
        assertThatThrownBy(() -> call(instance, "i32.load 0", 0))
                .isInstanceOf(WasmRuntimeException.class);
    }

    @Test
    void raw_access_is_to_be_had_on_the_jvms_that_this_is_tested_on() {
        assertThat(RawAccess.AVAILABLE).isTrue();
    }

    @Test
    void no_method_that_guest_code_calls_is_too_large_to_be_inlined_where_it_is_cold()
            throws IOException {
        List<String> large = new ArrayList<>();
        for (Class<?> each : List.of(GuestAccess.class, GuestCode.class, GuestNumbers.class)) {
            ClassNode node = new ClassNode();
            new ClassReader(each.getName()).accept(node, 0);
            for (MethodNode method : node.methods) {
                CodeSizeEvaluator size = new CodeSizeEvaluator(null);
                method.accept(size);
                if (size.getMinSize() > MAX_INLINE_SIZE) {
                    large.add(each.getSimpleName() + "." + method.name + " " + size.getMinSize());
                }
            }
        }
        assertThat(large).isEmpty();
    }

    @Test
    void no_comparison_that_is_branched_on_stays_a_call() {
        List<String> calls = new ArrayList<>();
        for (ByteBuffer code : CODE.classes().values()) {
            new ClassReader(code.array()).accept(new BranchesOnCalls(calls), 0);
        }
        assertThat(calls).allMatch(call -> call.contains("GuestCode") || call.endsWith("_U"));
    }

    @Test
    void no_comparison_whose_result_is_a_value_has_a_jump_but_on_zero() throws IOException {
        ClassNode node = new ClassNode();
        new ClassReader(GuestCode.class.getName()).accept(node, 0);
        List<String> names = new ArrayList<>();
        for (MethodNode method : node.methods) {
            if (method.name.matches("I(32|64)_[A-Z]{2}(_[SU])?")) {
                names.add(method.name);
                for (AbstractInsnNode each : method.instructions) {
                    if (each instanceof JumpInsnNode) {
                        assertThat(each.getOpcode())
                                .as(method.name)
                                .isIn(Opcodes.IFEQ, Opcodes.IFNE, Opcodes.GOTO);
                    }
                }
            }
        }
        List<String> wanted = new ArrayList<>();
        for (String each : COMPARISONS.keySet()) {
            wanted.add("I32_" + each.toUpperCase(Locale.ROOT));
            wanted.add("I64_" + each.toUpperCase(Locale.ROOT));
        }
        assertThat(names).containsExactlyInAnyOrderElementsOf(wanted);
        Set<String> ofTheEngine = new HashSet<>();
        for (ByteBuffer code : CODE.classes().values()) {
            ClassNode compiled = new ClassNode();
            new ClassReader(code.array()).accept(compiled, 0);
            if (compiled.name.endsWith(EngineCalls.HELPERS)) {
                continue;
            }
            for (MethodNode method : compiled.methods) {
                for (AbstractInsnNode each : method.instructions) {
                    if (each instanceof MethodInsnNode call
                            && call.owner.equals(EngineCalls.OPERATIONS)
                            && !(each.getNext() instanceof JumpInsnNode)) {
                        ofTheEngine.add(call.name);
                    }
                }
            }
        }
        assertThat(ofTheEngine).doesNotContainAnyElementsOf(wanted);
    }

    /** Collects the engine's operations whose result the next instruction branches on. */
    private static final class BranchesOnCalls extends ClassVisitor {

        private final List<String> calls;

        BranchesOnCalls(List<String> calls) {
            super(Opcodes.ASM9);
            this.calls = calls;
        }

        @Override
        public MethodVisitor visitMethod(
                int access, String name, String descriptor, String signature, String[] thrown) {
            return new MethodVisitor(Opcodes.ASM9) {
                private String last;

                @Override
                public void visitMethodInsn(
                        int opcode, String owner, String called, String type, boolean itf) {
                    last = owner.contains("OpcodeImpl") ? owner + "." + called : null;
                }

                @Override
                public void visitJumpInsn(int opcode, org.objectweb.asm.Label label) {
                    if (last != null && (opcode == Opcodes.IFEQ || opcode == Opcodes.IFNE)) {
                        calls.add(last);
                    }
                    last = null;
                }

                @Override
                public void visitInsn(int opcode) {
                    last = null;
                }

                @Override
                public void visitVarInsn(int opcode, int variable) {
                    last = null;
                }
            };
        }
    }
}
