package org.wasix4j.cli;

import static org.wasix4j.cli.Option.path;
import static org.wasix4j.cli.Option.value;

import java.nio.file.Path;
import org.wasix4j.trace.TraceFamily;
import org.wasix4j.trace.TraceFormat;
import org.wasix4j.types.Nullable;

/** Whether the calls of a program are traced, and where. */
final class TraceOptions implements OptionGroup {

    @Nullable Values.Traced trace;

    @Nullable Path traceOut;

    TraceFormat traceFormat = TraceFormat.TEXT;

    @Override
    public void addTo(CommandModel command) {
        command.add(
                value("--trace", "FAMILIES", new Values.Families(), v -> trace = v)
                        .orAlone(() -> trace = new Values.Traced(TraceFamily.all()))
                        .description(
                                "Log each call of the program: all calls, or those of the families",
                                "  sock,poll,fd,path,clock,proc,thread"));
        command.add(
                path("--trace-out", "FILE", v -> traceOut = v)
                        .description(
                                "Where the trace goes (default: standard error; -: standard output)."));
        command.add(
                value("--trace-format", "text|json", new Values.Format(), v -> traceFormat = v)
                        .candidates(Values.FORMATS)
                        .description("The format of the trace (default: text)."));
    }
}
