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
abstract class OnlyAttached implements IParameterPreprocessor {

    /** What the option means without a value. */
    abstract void take(ArgSpec option);

    @Override
    public boolean preprocess(
            Stack<String> args,
            CommandSpec commandSpec,
            ArgSpec argSpec,
            Map<String, Object> info) {
        if (!"=".equals(info.get("separator"))) {
            take(argSpec);
            return true;
        }
        return false;
    }
}
