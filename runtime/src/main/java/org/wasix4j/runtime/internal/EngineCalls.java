package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.OpcodeImpl;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.HashMap;
import java.util.Map;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.wasix4j.types.Nullable;

/**
 * Which calls in the engine's classes go to methods of ours, because the engine's are wrong or
 * slow. It is the same for compiled code ({@link CodeTuner}) and for the interpreter ({@link
 * InterpreterCode}).
 */
final class EngineCalls {

    static final String OPERATIONS = Type.getInternalName(OpcodeImpl.class);

    /** How the engine calls the class with its helpers, a copy of which each module has. */
    static final String HELPERS = "Shaded";

    private static final String INSTANCE = Type.getInternalName(Instance.class);

    /** Our methods by name and type, which are those of the engine's. */
    private static final Map<String, String> OURS = new HashMap<>();

    static {
        for (Class<?> owner :
                new Class<?>[] {
                    GuestAccess.class,
                    GuestCode.class,
                    GuestNumbers.class,
                    GuestTables.class,
                    GuestExceptions.class
                }) {
            for (Method method : owner.getDeclaredMethods()) {
                if (Modifier.isPublic(method.getModifiers())) {
                    OURS.put(
                            method.getName() + Type.getMethodDescriptor(method),
                            Type.getInternalName(owner));
                }
            }
        }
    }

    private EngineCalls() {}

    /** A static method. */
    record Target(String owner, String name, String descriptor) {}

    /** What is to be called instead, or null when the call is to stay as it is. */
    static @Nullable Target instead(int opcode, String owner, String name, String descriptor) {
        if (opcode == Opcodes.INVOKESTATIC) {
            if (!owner.equals(OPERATIONS) && !owner.endsWith(HELPERS)) {
                return null;
            }
        } else if (opcode == Opcodes.INVOKEVIRTUAL && owner.equals(INSTANCE)) {
            // a method of an instance has it as its first argument
            descriptor = "(L" + INSTANCE + ";" + descriptor.substring(1);
        } else {
            return null;
        }
        String ours = OURS.get(name + descriptor);
        return ours == null ? null : new Target(ours, name, descriptor);
    }
}
