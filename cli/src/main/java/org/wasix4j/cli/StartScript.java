package org.wasix4j.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the start script and the command tell each other. The script sets the locale to UTF-8, so
 * that the JVM keeps the bytes of arguments, variables and file names; here the guest gets the
 * environment back as it was, and bytes that were lost all the same are found.
 */
final class StartScript {

    private static final String NOTE = "wasix4j.note";
    private static final String LOCALE = "LC_ALL";
    private static final String USERS_LOCALE = "WASIX_RUN_LC_ALL";
    private static final String JVM_SIGNAL = "_JAVA_SR_SIGNUM";
    private static final char LOST = '\uFFFD';
    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");
    private static final Path ENVIRONMENT = Path.of("/proc/self/environ");
    private static final String ENCODING = System.getProperty("sun.jnu.encoding", "UTF-8");
    private static final String LOST_BYTES =
            "has bytes that are not text in " + ENCODING + ", and would reach the program changed";

    private StartScript() {}

    /** Whether HotSpot suspends threads by another signal than SIGUSR2. */
    static boolean hasOtherJvmSignal() {
        String number = System.getenv(JVM_SIGNAL);
        return number != null && !number.equals("12");
    }

    /** Explains why this start takes longer than it could. */
    static Optional<String> note() {
        return Optional.ofNullable(System.getProperty(NOTE));
    }

    /** The environment in which the script was started. */
    static Map<String, String> environment(Map<String, String> here) {
        String users = here.get(USERS_LOCALE);
        if (users == null) {
            return here;
        }
        Map<String, String> before = new HashMap<>(here);
        before.remove(USERS_LOCALE);
        before.remove(JVM_SIGNAL);
        if (users.isEmpty()) {
            before.remove(LOCALE);
        } else {
            before.put(LOCALE, users.substring(1));
        }
        return before;
    }

    /**
     * Which argument the JVM could not read as text.
     *
     * @return a sentence, or nothing when all are what they were
     */
    static Optional<String> lostArgument(String... args) {
        for (int i = 0; i < args.length; i++) {
            if (args[i].indexOf(LOST) >= 0 && !isReadable(COMMAND_LINE)) {
                return Optional.of("argument " + (i + 1) + " (" + args[i] + ") " + LOST_BYTES);
            }
        }
        return Optional.empty();
    }

    /** Whether all in it is what the JVM takes it for. */
    private static boolean isReadable(Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return ENCODING.equalsIgnoreCase("UTF-8");
        } catch (CharacterCodingException e) {
            return false;
        } catch (IOException e) {
            // it is not named here: the character may be the user's own
            return true;
        }
    }

    /**
     * Checks that a variable is what it was.
     *
     * @throws IllegalArgumentException with a sentence when the JVM could not read it as text
     */
    static void requireKept(String name, String value) {
        if ((name + value).indexOf(LOST) >= 0 && !isReadable(ENVIRONMENT)) {
            throw new IllegalArgumentException("the variable " + name + " " + LOST_BYTES);
        }
    }
}
