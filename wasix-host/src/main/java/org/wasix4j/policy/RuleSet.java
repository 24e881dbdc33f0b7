package org.wasix4j.policy;

import java.util.ArrayList;
import java.util.List;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.UnixAddr;

/**
 * Rules together: nothing is allowed that no rule allows, and a rule that denies beats all that
 * allow. Immutable; knows nothing of what a process has looked up.
 */
final class RuleSet {

    private final List<Rule> rules;
    private final Rule[] allowIn;
    private final Rule[] allowOut;
    private final Rule[] denyIn;
    private final Rule[] denyOut;
    private final Rule[] allowNames;
    private final Rule[] denyNames;
    private final Rule[] paths;

    RuleSet(List<Rule> rules) {
        this.rules = List.copyOf(rules);
        allowIn = addresses(true, true);
        allowOut = addresses(true, false);
        denyIn = addresses(false, true);
        denyOut = addresses(false, false);
        allowNames = family(Family.DNS, true);
        denyNames = family(Family.DNS, false);
        paths = paths();
    }

    private Rule[] addresses(boolean allow, boolean inbound) {
        List<Rule> found = new ArrayList<>();
        for (Rule rule : rules) {
            if ((rule.family() == Family.IPV4 || rule.family() == Family.IPV6)
                    && rule.allows() == allow
                    && (inbound ? rule.inbound() : rule.outbound())) {
                found.add(rule);
            }
        }
        return array(found);
    }

    private Rule[] family(Family family, boolean allow) {
        List<Rule> found = new ArrayList<>();
        for (Rule rule : rules) {
            if (rule.family() == family && rule.allows() == allow) {
                found.add(rule);
            }
        }
        return array(found);
    }

    private Rule[] paths() {
        List<Rule> found = new ArrayList<>();
        for (Rule rule : rules) {
            if (rule.family() == Family.UNIX) {
                found.add(rule);
            }
        }
        return array(found);
    }

    private static Rule[] array(List<Rule> rules) {
        return rules.toArray(new Rule[0]);
    }

    List<Rule> rules() {
        return rules;
    }

    /** The rule that lets an address and port be used, or null. */
    @Nullable
    Rule allowing(boolean inbound, CanonicalAddr address, int port) {
        for (Rule rule : inbound ? allowIn : allowOut) {
            if (rule.ports().permits(port) && rule.matchesAddress(address)) {
                return rule;
            }
        }
        return null;
    }

    /** The rule that forbids an address and port, or null. */
    @Nullable
    Rule denying(boolean inbound, CanonicalAddr address, int port) {
        for (Rule rule : inbound ? denyIn : denyOut) {
            if (rule.ports().contains(port) && rule.matchesAddress(address)) {
                return rule;
            }
        }
        return null;
    }

    /** The rule of a kind that matches the path of a unix socket, or null. */
    @Nullable
    Rule matching(boolean allow, boolean inbound, UnixAddr address) {
        for (Rule rule : paths) {
            if (rule.allows() == allow
                    && (inbound ? rule.inbound() : rule.outbound())
                    && rule.matchesPath(address.path())) {
                return rule;
            }
        }
        return null;
    }

    /** Whether names can be looked up at all. */
    boolean allowsNames() {
        return allowNames.length > 0;
    }

    /** Whether a rule lets a canonical name be looked up, those that deny apart. */
    boolean allowsName(String name) {
        for (Rule rule : allowNames) {
            if (rule.matchesName(name)) {
                return true;
            }
        }
        return false;
    }

    /** The ports that a canonical name opens, or those that it closes. */
    PortSet portsOfName(boolean allow, String name) {
        PortSet ports = PortSet.NONE;
        for (Rule rule : allow ? allowNames : denyNames) {
            if (rule.matchesName(name)) {
                ports = ports.union(rule.ports());
            }
        }
        return ports;
    }

    /** A rule that denies a canonical name, or null. */
    @Nullable
    Rule denyingName(String name) {
        for (Rule rule : denyNames) {
            if (rule.matchesName(name)) {
                return rule;
            }
        }
        return null;
    }
}
