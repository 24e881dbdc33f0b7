package org.wasix4j.hostile;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.wasix4j.types.SyscallSpec;

/** The texts that a hostile guest gives: paths in and out of its directories, names of hosts. */
final class Names {

    private static final List<String> NAMES =
            List.of(
                    "a",
                    "b",
                    "dir",
                    "sub",
                    "out",
                    "up",
                    "in",
                    "loop",
                    "file",
                    "outside",
                    "socket",
                    "volume",
                    "readonly",
                    "ro",
                    "..",
                    "..",
                    ".",
                    "",
                    "c",
                    "d",
                    "x\0y",
                    "ü",
                    "proc",
                    "self",
                    "root",
                    "dev",
                    "etc");
    private static final List<String> HOSTS =
            List.of(
                    "localhost",
                    "127.0.0.1",
                    "::1",
                    "",
                    "example.invalid",
                    "a\0b",
                    "ip6-localhost");

    private final Choices choices;
    private final Ground ground;
    private final Tally tally;

    Names(Choices choices, Ground ground, Tally tally) {
        this.choices = choices;
        this.ground = ground;
        this.tally = tally;
    }

    /** What a call gets for a parameter that is a text. */
    byte[] text(SyscallSpec spec, String parameter) {
        if (choices.percent(2)) {
            byte[] rubbish = new byte[choices.below(20)];
            for (int i = 0; i < rubbish.length; i++) {
                rubbish[i] = (byte) choices.below(256);
            }
            return rubbish;
        }
        if (choices.percent(1)) {
            return "d/".repeat(choices.below(5000)).getBytes(StandardCharsets.UTF_8);
        }
        String text =
                parameter.equals("host") || parameter.equals("url") ? choices.of(HOSTS) : path();
        if (spec.name().startsWith("path_") && text.contains("..")) {
            tally.attempted();
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    String path() {
        StringBuilder path = new StringBuilder(choices.percent(20) ? "/" : "");
        if (choices.percent(3)) {
            return path.append(ground.outside).append("/file").substring(1);
        }
        int names = 1 + choices.below(choices.percent(80) ? 2 : 5);
        for (int i = 0; i < names; i++) {
            if (i > 0) {
                path.append('/');
            }
            path.append(choices.of(NAMES));
        }
        return path.append(choices.percent(5) ? "/" : "").toString();
    }
}
