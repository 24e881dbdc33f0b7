package org.wasix4j.cli;

import java.util.Map;
import java.util.Stack;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/**
 * An optional value has to be attached by an equals sign; else the option would swallow the
 * module's name.
 */
final class OnlyAttached implements IParameterPreprocessor {

    private final Runnable alone;

    /**
     * The rule for one option.
     *
     * @param alone what the option means without a value
     */
    OnlyAttached(Runnable alone) {
        this.alone = alone;
    }

    @Override
    public boolean preprocess(
            Stack<String> args,
            CommandSpec commandSpec,
            ArgSpec argSpec,
            Map<String, Object> info) {
        if (!"=".equals(info.get("separator"))) {
            alone.run();
            return true;
        }
        return false;
    }
}
