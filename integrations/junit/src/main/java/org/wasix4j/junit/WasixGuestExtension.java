package org.wasix4j.junit;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.platform.commons.support.AnnotationSupport;
import org.wasix4j.runtime.InProcessNetwork;
import org.wasix4j.runtime.WasixProcess;
import org.wasix4j.types.Nullable;

/** Starts the guests of {@link WasixGuest}; JUnit closes them with the store they are in. */
public final class WasixGuestExtension
        implements BeforeAllCallback,
                BeforeEachCallback,
                ParameterResolver,
                TestExecutionExceptionHandler {

    private static final Namespace NAMESPACE = Namespace.create(WasixGuestExtension.class);

    /** JUnit makes it. */
    public WasixGuestExtension() {}

    /** Keeps a guest in a store, which closes what it holds in the end. */
    // JUnit closes what is AutoCloseable since 5.13, and the older interface before
    @SuppressWarnings("deprecation")
    private record Closing(RunningGuest guest) implements Store.CloseableResource, AutoCloseable {
        @Override
        public void close() {
            guest.close();
        }
    }

    /** The guests of a context, for failures. */
    private static final class Guests {
        private final List<RunningGuest> all = new ArrayList<>();
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        inject(context, context.getRequiredTestClass(), null, ModifierCheck.STATIC);
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        for (Object instance : context.getRequiredTestInstances().getAllInstances()) {
            inject(context, instance.getClass(), instance, ModifierCheck.INSTANCE);
        }
    }

    private enum ModifierCheck implements Predicate<Field> {
        STATIC,
        INSTANCE;

        @Override
        public boolean test(Field field) {
            return Modifier.isStatic(field.getModifiers()) == (this == STATIC);
        }
    }

    private static void inject(
            ExtensionContext context, Class<?> test, @Nullable Object instance, ModifierCheck kind)
            throws IllegalAccessException {
        for (Field field : AnnotationSupport.findAnnotatedFields(test, WasixGuest.class, kind)) {
            if (field.getType() != WasixProcess.class) {
                throw new ExtensionConfigurationException(
                        "the field " + field + " is not of type WasixProcess");
            }
            field.setAccessible(true);
            if (field.get(instance) == null || kind == ModifierCheck.STATIC) {
                field.set(instance, start(context, field.getAnnotation(WasixGuest.class)));
            }
        }
    }

    private static WasixProcess start(ExtensionContext context, WasixGuest wanted) {
        Modules modules =
                context.getRoot()
                        .getStore(NAMESPACE)
                        .getOrComputeIfAbsent(
                                Modules.class,
                                key ->
                                        new Modules(
                                                context.getConfigurationParameter(Modules.CACHE)
                                                        .orElse(null)),
                                Modules.class);
        RunningGuest guest =
                RunningGuest.start(
                        wanted, context.getRequiredTestClass(), modules, network(context));
        Store store = context.getStore(NAMESPACE);
        Guests guests =
                store.getOrComputeIfAbsent(
                        context.getUniqueId(), key -> new Guests(), Guests.class);
        store.put(guest, new Closing(guest));
        guests.all.add(guest);
        return guest.process();
    }

    /** The network that the guests of the outermost class share. */
    private static InProcessNetwork network(ExtensionContext context) {
        ExtensionContext outermost = context;
        while (outermost
                .getParent()
                .map(parent -> parent.getTestClass().isPresent())
                .orElse(false)) {
            outermost = outermost.getParent().get();
        }
        return outermost
                .getStore(NAMESPACE)
                .getOrComputeIfAbsent(
                        InProcessNetwork.class,
                        key -> new InProcessNetwork(),
                        InProcessNetwork.class);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.isAnnotated(WasixGuest.class)
                && parameter.getParameter().getType() == WasixProcess.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return start(context, parameter.findAnnotation(WasixGuest.class).orElseThrow());
    }

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure)
            throws Throwable {
        for (ExtensionContext at = context; at != null; at = at.getParent().orElse(null)) {
            Guests guests = at.getStore(NAMESPACE).get(at.getUniqueId(), Guests.class);
            if (guests != null) {
                guests.all.forEach(guest -> failure.addSuppressed(new GuestReport(guest)));
            }
        }
        throw failure;
    }

    /** What a guest wrote, as a part of a failure. */
    private static final class GuestReport extends Exception {

        private static final long serialVersionUID = 1;

        private final String output;

        GuestReport(RunningGuest guest) {
            super(null, null, false, false);
            output = guest.describeOutput();
        }

        @Override
        public String getMessage() {
            return output;
        }

        // without the name of the class, which says nothing to a reader of the report
        @SuppressWarnings("OverrideThrowableToString")
        @Override
        public String toString() {
            return getMessage().strip();
        }
    }
}
