package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.Arrays;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.wasix4j.runtime.internal.link.Target;

/** The values of a call from one module to another, which are passed as longs. */
final class PassedValues {

    /** What comes behind the arguments of compiled functions: the memory and the instance. */
    static final String BEHIND =
            Type.getDescriptor(Memory.class) + Type.getDescriptor(Instance.class);

    private PassedValues() {}

    /** Whether values of these types can be passed as longs, and there are few enough. */
    static boolean isDirect(Type[] arguments, Type result) {
        return arguments.length <= Target.MOST_ARGUMENTS
                && result.getSort() != Type.ARRAY
                && Arrays.stream(arguments).noneMatch(type -> type.getSort() == Type.ARRAY);
    }

    /** The type as the engine's methods have it, without the memory and the instance. */
    static String descriptor(FunctionType type) {
        StringBuilder descriptor = new StringBuilder("(");
        type.params().forEach(each -> descriptor.append(letter(each)));
        descriptor.append(')');
        return switch (type.returns().size()) {
            case 0 -> descriptor.append('V').toString();
            case 1 -> descriptor.append(letter(type.returns().get(0))).toString();
            default -> descriptor.append("[J").toString();
        };
    }

    private static char letter(ValType type) {
        if (type.equals(ValType.I64)) {
            return 'J';
        }
        if (type.equals(ValType.F32)) {
            return 'F';
        }
        return type.equals(ValType.F64) ? 'D' : 'I';
    }

    /** The type of a method of {@link Target} that takes that many arguments. */
    static String passed(int count) {
        return "(" + "J".repeat(count) + BEHIND + ")J";
    }

    /** Makes a long of what is on the stack. */
    static void toLong(MethodVisitor out, Type type) {
        switch (type.getSort()) {
            case Type.VOID -> out.visitInsn(Opcodes.LCONST_0);
            case Type.INT -> out.visitInsn(Opcodes.I2L);
            case Type.FLOAT -> {
                convert(out, "java/lang/Float", "floatToRawIntBits", "(F)I");
                out.visitInsn(Opcodes.I2L);
            }
            case Type.DOUBLE -> convert(out, "java/lang/Double", "doubleToRawLongBits", "(D)J");
            default -> {}
        }
    }

    /** Makes a value of a long on the stack. */
    static void fromLong(MethodVisitor out, Type type) {
        switch (type.getSort()) {
            case Type.INT -> out.visitInsn(Opcodes.L2I);
            case Type.FLOAT -> {
                out.visitInsn(Opcodes.L2I);
                convert(out, "java/lang/Float", "intBitsToFloat", "(I)F");
            }
            case Type.DOUBLE -> convert(out, "java/lang/Double", "longBitsToDouble", "(J)D");
            default -> {}
        }
    }

    private static void convert(MethodVisitor out, String owner, String name, String descriptor) {
        out.visitMethodInsn(Opcodes.INVOKESTATIC, owner, name, descriptor, false);
    }
}
