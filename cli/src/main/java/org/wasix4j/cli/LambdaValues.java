package org.wasix4j.cli;

import java.util.List;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/** Makes a value of one type one of another, as {@code LambdaMetafactory} describes it. */
final class LambdaValues {

    private LambdaValues() {}

    static void convert(MethodVisitor code, Type from, Type to) {
        if (from.equals(to)) {
            return;
        }
        if (isPrimitive(from) && isPrimitive(to)) {
            widen(code, from, to);
        } else if (isPrimitive(from)) {
            box(code, from);
        } else if (isPrimitive(to)) {
            unbox(code, from, to);
        } else if (!to.getInternalName().equals("java/lang/Object")) {
            code.visitTypeInsn(Opcodes.CHECKCAST, to.getInternalName());
        }
    }

    private static String boxOf(Type primitive) {
        return switch (primitive.getSort()) {
            case Type.BOOLEAN -> "java/lang/Boolean";
            case Type.CHAR -> "java/lang/Character";
            case Type.BYTE -> "java/lang/Byte";
            case Type.SHORT -> "java/lang/Short";
            case Type.INT -> "java/lang/Integer";
            case Type.LONG -> "java/lang/Long";
            case Type.FLOAT -> "java/lang/Float";
            case Type.DOUBLE -> "java/lang/Double";
            default -> throw new IllegalArgumentException(primitive.toString());
        };
    }

    private static void box(MethodVisitor code, Type from) {
        String box = boxOf(from);
        String type = "(" + from.getDescriptor() + ")L" + box + ";";
        code.visitMethodInsn(Opcodes.INVOKESTATIC, box, "valueOf", type, false);
    }

    private static void unbox(MethodVisitor code, Type from, Type to) {
        Type primitive = to;
        for (String each : List.of("Z", "C", "B", "S", "I", "J", "F", "D")) {
            if (boxOf(Type.getType(each)).equals(from.getInternalName())) {
                primitive = Type.getType(each);
            }
        }
        String box = boxOf(primitive);
        if (!box.equals(from.getInternalName())) {
            code.visitTypeInsn(Opcodes.CHECKCAST, box);
        }
        code.visitMethodInsn(
                Opcodes.INVOKEVIRTUAL,
                box,
                primitive.getClassName() + "Value",
                "()" + primitive.getDescriptor(),
                false);
        widen(code, primitive, to);
    }

    private static void widen(MethodVisitor code, Type from, Type to) {
        switch (from.getDescriptor() + to.getDescriptor()) {
            case "BJ", "CJ", "SJ", "IJ" -> code.visitInsn(Opcodes.I2L);
            case "BF", "CF", "SF", "IF" -> code.visitInsn(Opcodes.I2F);
            case "BD", "CD", "SD", "ID" -> code.visitInsn(Opcodes.I2D);
            case "JF" -> code.visitInsn(Opcodes.L2F);
            case "JD" -> code.visitInsn(Opcodes.L2D);
            case "FD" -> code.visitInsn(Opcodes.F2D);
            default -> {
                // the same in the JVM
            }
        }
    }

    /** Whether values of a type are no objects. */
    static boolean isPrimitive(Type type) {
        return type.getSort() < Type.ARRAY;
    }
}
