package org.wasix4j.trace;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Printable;

/**
 * Writes a line for every call of the chosen families, as strace(1) does for Linux: names, decoded
 * arguments, shortened buffers, the error by name, how long it took, and the guest's thread.
 *
 * <pre>
 * 20:15:01.123 [1] sock_open(inet4, stream, tcp, [4]) = success &lt;0.000052&gt;
 * 20:15:01.124 [1] sock_connect(4, 10.0.0.1:80) = acces &lt;0.000031&gt;
 * 20:15:01.124 [2] sock_recv(5, "GET / HTTP/1.1\r\nHost: 127.0.0.1"..., 1, 0, [78], [0]) = success &lt;0.000018&gt;
 * </pre>
 *
 * <p>The time is that of the call's begin, in UTC. Or the same as JSON, an object a line, with the
 * time in seconds since 1970. A call that did not return has the result {@code ?}.
 */
public final class SyscallTracer implements SyscallListener {

    private final TraceFormat format;
    private final Set<TraceFamily> families;
    private final Consumer<String> lines;

    /**
     * A tracer.
     *
     * @param format text or JSON
     * @param families what is traced
     * @param lines takes each line, without its end; called on guest threads, several at a time
     */
    public SyscallTracer(TraceFormat format, Set<TraceFamily> families, Consumer<String> lines) {
        this.format = format;
        this.families = EnumSet.copyOf(families);
        this.lines = lines;
    }

    @Override
    public void completed(TracedCall call) {
        if (families.contains(TraceFamily.of(call.spec().name()))) {
            lines.accept(format == TraceFormat.JSON ? json(call) : text(call));
        }
    }

    /** Written between the calls. */
    @Override
    public void note(String sentence) {
        StringBuilder line = new StringBuilder();
        if (format == TraceFormat.JSON) {
            line.append("{\"note\":");
            TraceText.json(sentence, line);
            lines.accept(line.append('}').toString());
        } else {
            lines.accept(
                    line.append("--- ").append(Printable.line(sentence)).append(" ---").toString());
        }
    }

    private static String text(TracedCall call) {
        StringBuilder line = new StringBuilder();
        timeOfDay(began(call), line);
        line.append(" [").append(call.tid()).append("] ").append(call.spec().name()).append('(');
        String separator = "";
        for (Shown each : ArgumentDecoder.decode(call).values()) {
            line.append(separator);
            TraceText.text(each, line);
            separator = ", ";
        }
        double seconds = call.nanos() / 1e9;
        return line.append(") = ")
                .append(result(call))
                .append(String.format(Locale.ROOT, " <%.6f>", seconds))
                .toString();
    }

    private static String result(TracedCall call) {
        if (call.error() == null) {
            return "?";
        }
        boolean number = call.number() != 0 && call.error() == Errno.SUCCESS;
        return number ? Long.toString(call.number()) : call.error().wasiName();
    }

    private static String json(TracedCall call) {
        StringBuilder line = new StringBuilder("{\"tid\":").append(call.tid());
        line.append(",\"call\":");
        TraceText.json(call.spec().name(), line);
        line.append(",\"args\":{");
        String separator = "";
        for (Map.Entry<String, Shown> each : ArgumentDecoder.decode(call).entrySet()) {
            line.append(separator);
            TraceText.json(each.getKey(), line);
            line.append(':');
            TraceText.json(each.getValue(), line);
            separator = ",";
        }
        line.append("},\"result\":");
        TraceText.json(result(call), line);
        line.append(",\"nanos\":").append(call.nanos()).append(",\"time\":");
        long millis = began(call);
        line.append(millis / 1000).append('.');
        digits(millis % 1000, 100, line);
        return line.append('}').toString();
    }

    /** When a call began, in milliseconds since 1970. */
    private static long began(TracedCall call) {
        return System.currentTimeMillis() - call.nanos() / 1_000_000;
    }

    private static void timeOfDay(long millis, StringBuilder line) {
        long seconds = millis / 1000;
        digits(seconds / 3600 % 24, 10, line);
        digits(seconds / 60 % 60, 10, line.append(':'));
        digits(seconds % 60, 10, line.append(':'));
        digits(millis % 1000, 100, line.append('.'));
    }

    /** A number with leading zeros; {@code unit} is what its first digit stands for. */
    private static void digits(long number, int unit, StringBuilder line) {
        for (int each = unit; each > 0; each /= 10) {
            line.append((char) ('0' + number / each % 10));
        }
    }
}
