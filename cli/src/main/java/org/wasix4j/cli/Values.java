package org.wasix4j.cli;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.policy.RuleSyntaxException;
import org.wasix4j.runtime.Engine;
import org.wasix4j.runtime.Volume;
import org.wasix4j.trace.TraceFamily;
import org.wasix4j.trace.TraceFormat;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How the values of options are read; what is wrong with one is said in a clause. */
final class Values {

    // compiled when they are used, which most starts do not
    private static final String SIZE = "(\\d+)([KMGkmg]?)(?:i?[Bb])?";
    private static final String TIME = "(\\d+)(ms|s|m|h|)";

    private Values() {}

    private static TypeConversionException wrong(@Nullable String clause) {
        return new TypeConversionException(clause);
    }

    /**
     * What one {@code --net} says.
     *
     * @param text as it was given
     */
    record Rules(String text, NetworkPolicy policy) {}

    /** The rules of {@code --net=RULES}; a caret shows where they are wrong. */
    static final class Net implements ITypeConverter<Rules> {
        @Override
        public Rules convert(String rules) {
            try {
                // an empty variable of a script must not grant everything: no rules is a fault
                return new Rules(rules, NetworkPolicy.parse(rules));
            } catch (RuleSyntaxException e) {
                throw new RulesException(e);
            }
        }
    }

    /** Rules that cannot be read, with two lines that show where. */
    static final class RulesException extends TypeConversionException {
        private static final long serialVersionUID = 1;

        private final transient RuleSyntaxException fault;

        RulesException(RuleSyntaxException fault) {
            super(fault.getMessage());
            this.fault = fault;
        }

        /** The rules, and a caret under the fault. */
        String pointer() {
            return fault.pointer();
        }
    }

    /** What is traced; not a plain set, which the parser would fill one by one. */
    record Traced(Set<TraceFamily> families) {}

    /** The families of {@code --trace=FAMILIES}. */
    static final class Families implements ITypeConverter<Traced> {
        @Override
        public Traced convert(String value) {
            try {
                return new Traced(TraceFamily.parse(value));
            } catch (IllegalArgumentException e) {
                throw wrong(e.getMessage());
            }
        }
    }

    /** {@code text|json}. */
    static final class Format implements ITypeConverter<TraceFormat> {
        @Override
        public TraceFormat convert(String value) {
            return switch (value) {
                case "text" -> TraceFormat.TEXT;
                case "json" -> TraceFormat.JSON;
                default -> throw wrong("'" + value + "' is neither text nor json");
            };
        }
    }

    /** {@code [HOST]:PORT}, without a host every address of IPv4; or another place to listen. */
    static final class Listen implements ITypeConverter<ListenPlace> {
        @Override
        public ListenPlace convert(String value) {
            if (value.equals(ListenPlace.INHERITED)) {
                return new ListenPlace(null, null);
            }
            if (value.startsWith(ListenPlace.UNIX)) {
                String path = value.substring(ListenPlace.UNIX.length());
                if (path.isEmpty()) {
                    throw wrong("'" + value + "' has no path");
                }
                return new ListenPlace(null, Path.of(path));
            }
            // a port alone is meant as it is written
            return new ListenPlace(
                    address(isPort(value) ? ":" + value : value, "0.0.0.0", 0), null);
        }
    }

    /** {@code [HOST]:PORT} for monitoring; without a host only this machine. */
    static final class MetricsAddress implements ITypeConverter<InetSocketAddress> {
        @Override
        public InetSocketAddress convert(String value) {
            return address(isPort(value) ? ":" + value : value, "127.0.0.1", 0);
        }
    }

    /** {@code HOST:PORT} to connect to. */
    static final class DialAddress implements ITypeConverter<InetSocketAddress> {
        @Override
        public InetSocketAddress convert(String value) {
            return address(value, null, 1);
        }
    }

    /** Without regular expressions, which take 8 ms when a start uses the first one. */
    private static InetSocketAddress address(String value, @Nullable String preset, int leastPort) {
        int colon = value.lastIndexOf(':');
        String host = colon < 0 ? null : value.substring(0, colon);
        String number = value.substring(colon + 1);
        if (host != null && (!isPort(number) || !isHost(host))) {
            host = null;
        }
        if (host != null && host.isEmpty()) {
            host = preset;
        }
        if (host == null) {
            throw wrong(
                    "'%s' is not %s"
                            .formatted(value, preset == null ? "HOST:PORT" : "[HOST]:PORT"));
        }
        int port = Integer.parseInt(number);
        if (port < leastPort || port > 65535) {
            throw wrong("'" + value + "' has no port between " + leastPort + " and 65535");
        }
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw wrong("'" + value + "': there is no host " + host);
        }
        return address;
    }

    /** One to five digits. */
    private static boolean isPort(String text) {
        boolean digits = !text.isEmpty() && text.length() <= 5;
        for (int i = 0; digits && i < text.length(); i++) {
            digits = isDigit(text.charAt(i));
        }
        return digits;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    /** A name, an address of IPv4 or nothing; or what may be one of IPv6, in brackets. */
    private static boolean isHost(String text) {
        if (text.length() > 2 && text.charAt(0) == '[' && text.endsWith("]")) {
            return isInBrackets(text.substring(1, text.length() - 1));
        }
        return text.indexOf(':') < 0 && text.indexOf('[') < 0 && text.indexOf(']') < 0;
    }

    private static boolean isInBrackets(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
            if (!letter && !isDigit(c) && "_:.%".indexOf(c) < 0) {
                return false;
            }
        }
        return true;
    }

    /** {@code HOST:GUEST[:ro]}. */
    static final class ColonVolume implements ITypeConverter<Volume> {
        @Override
        public Volume convert(String value) {
            try {
                return Volume.parse(value);
            } catch (IllegalArgumentException e) {
                throw wrong(e.getMessage());
            }
        }
    }

    /** {@code GUEST=FILE}: a path of the guest's, and a module. */
    static final class Program implements ITypeConverter<Map.Entry<String, String>> {
        @Override
        public Map.Entry<String, String> convert(String value) {
            int equals = value.indexOf('=');
            if (equals <= 0 || equals == value.length() - 1 || value.charAt(0) != '/') {
                throw wrong("'" + value + "' is not /GUEST/PATH=FILE");
            }
            return Map.entry(value.substring(0, equals), value.substring(equals + 1));
        }
    }

    /** {@code HOST[::GUEST][:ro]}. */
    static final class Directory implements ITypeConverter<Volume> {
        @Override
        public Volume convert(String value) {
            boolean readOnly = value.endsWith(":ro");
            String rest = readOnly ? value.substring(0, value.length() - 3) : value;
            int colons = rest.indexOf("::");
            return colons < 0
                    ? volume(rest, rest, readOnly)
                    : volume(rest.substring(0, colons), rest.substring(colons + 2), readOnly);
        }
    }

    private static Volume volume(String host, String guest, boolean readOnly) {
        Path path = Path.of(host);
        if (guest.isEmpty()) {
            throw wrong("the program's path is missing");
        }
        return new Volume(path, guest, readOnly);
    }

    /** {@code auto|always|never}. */
    static final class Colour implements ITypeConverter<Paint.When> {
        @Override
        public Paint.When convert(String value) {
            return switch (value) {
                case "auto" -> Paint.When.AUTO;
                case "always" -> Paint.When.ALWAYS;
                case "never" -> Paint.When.NEVER;
                default -> throw wrong("'" + value + "' is not one of auto, always, never");
            };
        }
    }

    /** {@code compiler|interpreter}. */
    static final class EngineName implements ITypeConverter<Engine> {
        @Override
        public Engine convert(String value) {
            return switch (value) {
                case "compiler" -> Engine.COMPILER;
                case "interpreter" -> Engine.INTERPRETER;
                default -> throw wrong("'" + value + "' is neither compiler nor interpreter");
            };
        }
    }

    /** {@code auto|legacy|current|preview1}; auto is null. */
    static final class Abi implements ITypeConverter<AbiProfile> {
        @Override
        public @Nullable AbiProfile convert(String value) {
            return switch (value) {
                case "auto" -> null;
                case "legacy" -> AbiProfile.LEGACY;
                case "current" -> AbiProfile.CURRENT;
                case "preview1" -> AbiProfile.PREVIEW1;
                default ->
                        throw wrong(
                                "'" + value + "' is not one of auto, legacy, current, preview1");
            };
        }
    }

    /** Bytes, {@code 64M}. */
    static final class Size implements ITypeConverter<Long> {
        @Override
        public Long convert(String value) {
            Matcher matcher = Pattern.compile(SIZE).matcher(value);
            if (!matcher.matches()) {
                throw wrong("'" + value + "' is not a size such as 64M or 1G");
            }
            int shift =
                    switch (matcher.group(2).toUpperCase(Locale.ROOT)) {
                        case "K" -> 10;
                        case "M" -> 20;
                        case "G" -> 30;
                        default -> 0;
                    };
            long size = number(value, matcher.group(1), 1L << shift);
            if (size < 65536) {
                throw wrong("'" + value + "' is less than a page of 64 KiB");
            }
            return size;
        }
    }

    /** A duration that can be none, {@code 0}. */
    static final class Grace implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String value) {
            return time(value);
        }
    }

    /** A duration, {@code 500ms}; a plain number is seconds. */
    static final class Time implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String value) {
            Duration time = time(value);
            if (time.isZero()) {
                throw wrong("the time is 0");
            }
            return time;
        }
    }

    private static Duration time(String value) {
        Matcher matcher = Pattern.compile(TIME).matcher(value);
        if (!matcher.matches()) {
            throw wrong("'" + value + "' is not a time such as 500ms, 30s or 5m");
        }
        long milliseconds =
                switch (matcher.group(2)) {
                    case "ms" -> 1;
                    case "m" -> 60_000;
                    case "h" -> 3_600_000;
                    default -> 1000;
                };
        // what is waited for is counted in nanoseconds
        number(value, matcher.group(1), milliseconds * 1_000_000);
        return Duration.ofMillis(number(value, matcher.group(1), milliseconds));
    }

    /** A number of units, which has to fit into 63 bits. */
    private static long number(String value, String digits, long unit) {
        try {
            return Math.multiplyExact(Long.parseLong(digits), unit);
        } catch (NumberFormatException | ArithmeticException e) {
            throw wrong("'" + value + "' is too large");
        }
    }

    /** A count, {@code 4096}, from 0 to 2147483647. */
    static final class Count implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String value) {
            if (!value.matches("\\d+")) {
                throw wrong("'" + value + "' is not a number");
            }
            try {
                return Integer.parseInt(value);
            } catch (NumberFormatException e) {
                throw wrong("'" + value + "' is too large, the most is " + Integer.MAX_VALUE);
            }
        }
    }

    // ---- what a shell can complete

    /** Those of {@link Format}. */
    static final List<String> FORMATS = List.of("text", "json");

    /** Those of {@link EngineName}. */
    static final List<String> ENGINES = List.of("compiler", "interpreter");

    /** Those of {@link Abi}. */
    static final List<String> GENERATIONS = List.of("auto", "legacy", "current", "preview1");

    /** Those of {@link Colour}. */
    static final List<String> COLOURS = List.of("auto", "always", "never");
}
