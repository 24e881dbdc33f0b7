package org.wasix4j.policy;

/**
 * What the policy says to one operation.
 *
 * @param allowed whether it may be done
 * @param operation what was asked
 * @param target the address or name it was asked for
 * @param reason for a refusal, a sentence that names the rule and the flag which would allow it
 */
public record Decision(boolean allowed, NetworkOperation operation, String target, String reason) {

    /** The answer yes, one object. */
    public static final Decision YES = new Decision(true, null, "", "");

    /** The whole refusal as a sentence: {@code connect 10.0.0.1:80 denied: no network ...}. */
    @Override
    public String toString() {
        return allowed ? "allowed" : operation.words() + " " + target + " denied: " + reason;
    }
}
