package org.wasix4j.policy;

import org.wasix4j.types.Nullable;
import org.wasix4j.types.Printable;

/**
 * The answer of the policy for one operation. A refusal has the rule that forbids it, or says that
 * none allows it, and what would have to be granted; its texts are built on demand.
 */
public final class Decision {

    /** The operation is allowed. */
    public static final Decision YES = new Decision(true, null, "", null, "", null);

    private static final int MOST_OF_TARGET = 300;

    private final boolean allowed;
    private final @Nullable NetworkOperation operation;
    private final Object target;
    private final @Nullable Rule rule;
    private final String because;
    private final @Nullable String remedy;

    private Decision(
            boolean allowed,
            @Nullable NetworkOperation operation,
            Object target,
            @Nullable Rule rule,
            String because,
            @Nullable String remedy) {
        this.allowed = allowed;
        this.operation = operation;
        this.target = target;
        this.rule = rule;
        this.because = because;
        this.remedy = remedy;
    }

    /** A refusal because of a rule; {@code because} may say more in a clause, or is empty. */
    static Decision forbidden(
            NetworkOperation operation, Object target, Rule rule, String because) {
        return new Decision(false, operation, target, rule, because, null);
    }

    /** A refusal because no rule allows; the remedy is a rule that would, or null. */
    static Decision notGranted(
            NetworkOperation operation, Object target, String because, @Nullable String remedy) {
        return new Decision(false, operation, target, null, because, remedy);
    }

    /** {@return whether the operation is allowed} */
    public boolean allowed() {
        return allowed;
    }

    /** {@return the operation; null for {@link #YES}} */
    @Nullable
    public NetworkOperation operation() {
        return operation;
    }

    /** {@return the address or name; characters that are not printable are escaped} */
    public String target() {
        return printable(target.toString());
    }

    /** {@return the rule that forbids, or null when none allows} */
    @Nullable
    public Rule rule() {
        return rule;
    }

    /** {@return a rule that would allow it, as the value of {@code --net}; or null} */
    @Nullable
    public String remedy() {
        return remedy;
    }

    /** {@return for a refusal, a clause that names the rule and the flag which would allow it} */
    public String reason() {
        if (allowed) {
            return "";
        }
        if (rule != null) {
            return "the rule "
                    + rule
                    + " forbids it"
                    + because
                    + ", whatever others allow (without it in --net it may be allowed)";
        }
        return because + (remedy == null ? "" : " (--net=" + printable(remedy) + " would)");
    }

    /** The whole refusal as a sentence: {@code connect 10.0.0.1:80 denied: no rule ...}. */
    @SuppressWarnings("NullAway") // a refusal has an operation
    @Override
    public String toString() {
        return allowed ? "allowed" : operation.words() + " " + target() + " denied: " + reason();
    }

    private static String printable(String text) {
        return text.length() > MOST_OF_TARGET
                ? Printable.foreign(text.substring(0, MOST_OF_TARGET)) + "..."
                : Printable.foreign(text);
    }
}
