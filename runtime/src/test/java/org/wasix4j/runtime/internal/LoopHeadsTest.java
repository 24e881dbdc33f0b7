package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.FrameNode;
import org.objectweb.asm.tree.JumpInsnNode;
import org.objectweb.asm.tree.LabelNode;
import org.objectweb.asm.tree.LookupSwitchInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.TableSwitchInsnNode;
import org.wasix4j.testmodules.TestModule;

class LoopHeadsTest {

    private static final byte[] WASM = TestModule.named("system/loops").bytes();
    private static final WasmModule MODULE = Parser.parse(WASM);

    @ParameterizedTest
    @EnumSource
    void loops_with_values_on_the_stack_compute_what_they_should(ExecutionWays way) {
        Instance instance = way.instance(WASM);
        for (String name : loops()) {
            for (int n : new int[] {1, 2, 3, 100}) {
                assertThat(instance.export(name).apply(n))
                        .as("%s of %d", name, n)
                        .containsExactly(n * (n + 1L) / 2);
            }
        }
    }

    private static List<String> loops() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < MODULE.exportSection().exportCount(); i++) {
            String name = MODULE.exportSection().getExport(i).name();
            if (!name.equals("_start")) {
                names.add(name);
            }
        }
        assertThat(names).hasSize(7);
        return names;
    }

    @Test
    void each_loop_is_jumped_back_to_with_an_empty_stack_and_so_hotspot_can_replace_it() {
        int loops = 0;
        int switches = 0;
        for (ByteBuffer code : ExecutionWays.compile(WASM, Set.of()).classes().values()) {
            ClassNode node = new ClassNode();
            new ClassReader(code.array()).accept(node, ClassReader.EXPAND_FRAMES);
            for (MethodNode method : node.methods) {
                Set<LabelNode> before = new HashSet<>();
                for (AbstractInsnNode each : method.instructions) {
                    if (each instanceof LabelNode label) {
                        before.add(label);
                    }
                    boolean isSwitch = !(each instanceof JumpInsnNode);
                    for (LabelNode target : targets(each)) {
                        switches += isSwitch ? 1 : 0;
                        if (before.contains(target)) {
                            loops++;
                            // HotSpot counts no jump of a switch
                            assertThat(isSwitch).as(node.name + "." + method.name).isFalse();
                            assertThat(frameAt(target).stack)
                                    .as(node.name + "." + method.name)
                                    .isNullOrEmpty();
                        }
                    }
                }
            }
        }
        assertThat(loops).isGreaterThanOrEqualTo(8);
        assertThat(switches).isGreaterThanOrEqualTo(2);
    }

    private static FrameNode frameAt(LabelNode label) {
        AbstractInsnNode node = label;
        while (!(node instanceof FrameNode)) {
            node = node.getNext();
        }
        return (FrameNode) node;
    }

    private static List<LabelNode> targets(AbstractInsnNode node) {
        if (node instanceof JumpInsnNode jump) {
            return List.of(jump.label);
        }
        List<LabelNode> targets = new ArrayList<>();
        if (node instanceof TableSwitchInsnNode table) {
            targets.addAll(table.labels);
            targets.add(table.dflt);
        } else if (node instanceof LookupSwitchInsnNode lookup) {
            targets.addAll(lookup.labels);
            targets.add(lookup.dflt);
        }
        return targets;
    }
}
