package org.wasix4j.cli;

import java.util.function.Consumer;
import org.wasix4j.types.Nullable;
import picocli.CommandLine.Model.IGetter;
import picocli.CommandLine.Model.ISetter;

/** Where picocli keeps a value: it asks for lists again, to add to them. */
final class PicocliField implements IGetter, ISetter {

    private final Consumer<Object> field;
    private @Nullable Object value;

    @SuppressWarnings("unchecked")
    PicocliField(Consumer<?> field) {
        // picocli gives what the option's type and converter say
        this.field = (Consumer<Object>) field;
    }

    /** The type parameter is picocli's. */
    @Override
    @Nullable
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    public <T> T get() {
        return (T) value;
    }

    @Override
    @Nullable
    public <T> T set(@Nullable T newValue) {
        T before = get();
        value = newValue;
        // before it parses, picocli sets what it has got from here: nothing
        if (newValue != null) {
            field.accept(newValue);
        }
        return before;
    }
}
