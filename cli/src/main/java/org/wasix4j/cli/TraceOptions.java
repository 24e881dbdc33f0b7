package org.wasix4j.cli;

import java.nio.file.Path;
import org.wasix4j.trace.TraceFamily;
import org.wasix4j.trace.TraceFormat;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Option;

/** Whether the calls of a program are traced, and where. */
final class TraceOptions {

    @Option(
            names = "--trace",
            arity = "0..1",
            paramLabel = "FAMILIES",
            converter = Values.Families.class,
            preprocessor = AllFamilies.class,
            description = {
                "Write a line for each call of the program: all, or those of the families",
                "  sock,poll,fd,path,clock,proc,thread"
            })
    Values.Traced trace;

    @Option(
            names = "--trace-out",
            paramLabel = "FILE",
            description = "Where the trace goes (default: standard error; -: standard output).")
    Path traceOut;

    @Option(
            names = "--trace-format",
            paramLabel = "text|json",
            converter = Values.Format.class,
            completionCandidates = Values.Formats.class,
            description = "How the trace is written (default: text).")
    TraceFormat traceFormat = TraceFormat.TEXT;

    /** A plain {@code --trace}. */
    static final class AllFamilies extends OnlyAttached {
        @Override
        void take(ArgSpec option) {
            option.setValue(new Values.Traced(TraceFamily.all()));
        }
    }
}
