package org.wasix4j.cli;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.trace.TraceFamily;

/**
 * Reads a command line in which nothing is out of the ordinary, without the library that describes
 * and reads command lines otherwise: to build that one's model takes a third of a whole start. It
 * gives up at the first thing that is not plain (a fault, a question for help, a value that could
 * be an option, options in one word), and the library reads the line from its beginning. So what is
 * said of a line is always the library's, and a test holds that the two never read one differently.
 */
final class OrdinaryLine {

    /** More digits could be too much for an int. */
    private static final int MOST_DIGITS = 9;

    /** What is not plain; nobody sees it. */
    private static final class NotPlainException extends RuntimeException {
        private static final long serialVersionUID = 1;

        NotPlainException() {
            super(null, null, false, false);
        }
    }

    private final Options options = new Options();
    private final Set<String> seen = new HashSet<>();
    private final String[] words;
    private int next;

    private OrdinaryLine(String... words) {
        this.words = words;
    }

    /** The options of a line, or null when the library has to read it. */
    static Options read(String... words) {
        try {
            return new OrdinaryLine(words).read();
        } catch (RuntimeException e) {
            // a value that cannot be read, too: the library says what is wrong with it
            return null;
        }
    }

    private Options read() {
        for (String word : words) {
            if (word.startsWith("@")) {
                // the library takes it for a file with more words
                throw new NotPlainException();
            }
        }
        while (next < words.length && words[next].startsWith("-")) {
            String word = words[next++];
            int equals = word.indexOf('=');
            if (equals < 0) {
                read(word, null);
            } else {
                read(word.substring(0, equals), word.substring(equals + 1));
            }
        }
        options.words.addAll(List.of(words).subList(next, words.length));
        if (options.words.isEmpty()) {
            throw new NotPlainException();
        }
        return options;
    }

    /**
     * Reads an option.
     *
     * @param attached what stands behind its equals sign, or null when it has none
     */
    private void read(String name, String attached) {
        switch (name) {
            case "--listen" ->
                    options.listeners.add(new Values.ListenAddress().convert(value(attached)));
            case "--dial" ->
                    options.connections.add(new Values.DialAddress().convert(value(attached)));
            case "--volume" ->
                    options.volumes.add(new Values.ColonVolume().convert(value(attached)));
            case "--dir" ->
                    options.directories.add(new Values.Directory().convert(value(attached)));
            case "--env" -> options.environment.add(value(attached));
            default -> {
                if (!seen.add(name)) {
                    throw new NotPlainException();
                }
                readOnce(name, attached);
            }
        }
    }

    /** Those that may stand there once. */
    private void readOnce(String name, String attached) {
        switch (name) {
            case "--net" ->
                    options.network =
                            attached == null
                                    ? NetworkPolicy.allowAll()
                                    : new Values.Net().convert(attached);
            case "--trace" ->
                    options.trace =
                            attached == null
                                    ? new Values.Traced(TraceFamily.all())
                                    : new Values.Families().convert(attached);
            case "--ready-file" -> options.readyFile = Path.of(value(attached));
            case "--shutdown-timeout" ->
                    options.shutdownTimeout = new Values.Grace().convert(value(attached));
            case "--env-inherit" -> options.inheritEnvironment = flag(attached);
            case "--cwd" -> options.workingDirectory = value(attached);
            case "--argv0" -> options.programName = value(attached);
            case "--trace-out" -> options.traceOut = Path.of(value(attached));
            case "--trace-format" ->
                    options.traceFormat = new Values.Format().convert(value(attached));
            case "--invoke" -> options.function = value(attached);
            case "--explain" -> options.explain = flag(attached);
            case "--json" -> options.json = flag(attached);
            case "--engine" -> options.engine = new Values.EngineName().convert(value(attached));
            case "--cache-dir" -> options.cacheFolder = Path.of(value(attached));
            case "--no-cache" -> options.noCache = flag(attached);
            case "--abi" -> options.abi = new Values.Abi().convert(value(attached));
            case "--max-memory" -> options.maxMemory = new Values.Size().convert(value(attached));
            case "--max-fds" -> options.maxDescriptors = number(value(attached));
            case "--max-sockets" -> options.maxSockets = number(value(attached));
            case "--max-threads" -> options.maxThreads = number(value(attached));
            case "--timeout" -> options.timeout = new Values.Time().convert(value(attached));
            case "--color" -> options.color = new Values.Colour().convert(value(attached));
            case "-v", "--verbose" -> options.verbose = other(options.verbose, attached);
            case "-q", "--quiet" -> options.quiet = other(options.quiet, attached);
            default -> throw new NotPlainException();
        }
    }

    /** The value of an option: what is attached to it, or else the next word. */
    private String value(String attached) {
        String value = attached;
        if (value == null) {
            if (next == words.length) {
                throw new NotPlainException();
            }
            value = words[next++];
            if (value.startsWith("-")) {
                throw new NotPlainException();
            }
        }
        if (value.isEmpty() || value.indexOf('"') >= 0) {
            throw new NotPlainException();
        }
        return value;
    }

    private static boolean flag(String attached) {
        if (attached != null) {
            throw new NotPlainException();
        }
        return true;
    }

    /** A flag that has two names. */
    private static boolean other(boolean already, String attached) {
        if (already) {
            throw new NotPlainException();
        }
        return flag(attached);
    }

    private static int number(String digits) {
        if (digits.length() > MOST_DIGITS || digits.startsWith("0")) {
            throw new NotPlainException();
        }
        for (int i = 0; i < digits.length(); i++) {
            if (digits.charAt(i) < '0' || digits.charAt(i) > '9') {
                throw new NotPlainException();
            }
        }
        return Integer.parseInt(digits);
    }
}
