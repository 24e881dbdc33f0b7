package org.wasix4j.fuzz;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import org.wasix4j.policy.NetworkOperation;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.policy.PolicySession;
import org.wasix4j.policy.RuleSyntaxException;
import org.wasix4j.types.InetAddr;

/** Rules of any text: read, or refused with the one exception; and what was read can be asked. */
class RuleParserFuzzTest {

    @FuzzTest(maxDuration = "60s")
    void rules_are_read_or_refused(FuzzedDataProvider data) {
        byte[] four = data.consumeBytes(4);
        int port = data.consumeInt(0, 65535);
        String text = data.consumeRemainingAsString();
        NetworkPolicy policy;
        try {
            policy = NetworkPolicy.parse(text);
        } catch (RuleSyntaxException e) {
            return;
        }
        PolicySession session = policy.openSession();
        session.checkName(text);
        if (four.length == 4) {
            InetAddr address = InetAddr.v4(four, port);
            boolean allowed = session.check(NetworkOperation.CONNECT, address).allowed();
            boolean again =
                    policy.rules().isEmpty()
                            ? allowed
                            : NetworkPolicy.parse(policy.toString())
                                    .openSession()
                                    .check(NetworkOperation.CONNECT, address)
                                    .allowed();
            if (allowed != again) {
                throw new AssertionError(text + " and " + policy + " differ about " + address);
            }
        }
    }
}
