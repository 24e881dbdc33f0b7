package org.wasix4j.deep;

import java.util.List;
import org.wasix4j.host.Signatures;
import org.wasix4j.types.SyscallSpec;

/**
 * A function of the ABI.
 *
 * @param parameters a letter for each: i or I
 * @param result i or I, or empty
 * @param kinds what each parameter is, as in the host's list
 */
record HostFunction(
        String module, String name, String parameters, String result, List<String> kinds) {

    /** Every function of the ABI. */
    static final List<HostFunction> ALL = read();

    /** The first function of that name in the newer generation. */
    static HostFunction named(String name) {
        return ALL.stream()
                .filter(each -> each.module().equals("wasix_32v1") && each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no function " + name));
    }

    private static List<HostFunction> read() {
        Signatures table = Signatures.load();
        return table.names().stream()
                .sorted()
                .map(name -> name.split(" "))
                .flatMap(words -> table.find(words[0], words[1]).stream())
                .map(HostFunction::of)
                .toList();
    }

    private static HostFunction of(SyscallSpec spec) {
        int colon = spec.core().indexOf(':');
        return new HostFunction(
                spec.module(),
                spec.name(),
                spec.core().substring(0, colon),
                spec.core().substring(colon + 1),
                spec.parameters().stream().map(SyscallSpec.Parameter::kind).toList());
    }

    @Override
    public String toString() {
        return module + "." + name;
    }
}
