package org.wasix4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The documents that are made from the command's own model: {@code docs/CLI.md}, the manual page,
 * and the completion script for bash and zsh. With {@code -Dregenerate} they are written anew.
 */
class CliDocTest {

    private static final Path DOCS = Path.of("..", "docs");
    private static final String REGENERATE =
            "the options have changed: mvn test -pl cli -am -Dtest=CliDocTest"
                    + " -Dsurefire.failIfNoSpecifiedTests=false -Dregenerate writes it anew";

    private final CommandLine command = new Options().command().parser();

    private static void agree(Path file, String generated) throws IOException {
        if (System.getProperty("regenerate") != null) {
            Files.writeString(file, generated);
        }
        assertThat(Files.readString(file)).as(REGENERATE).isEqualTo(generated);
    }

    @Test
    void the_page_of_the_command_is_the_generated_one() throws IOException {
        agree(DOCS.resolve("CLI.md"), page());
    }

    @Test
    void the_completion_script_is_the_generated_one() throws IOException {
        agree(DOCS.resolve("completion.bash"), AutoComplete.bash("wasix-run", command));
    }

    @Test
    void the_manual_page_is_the_generated_one() throws IOException {
        agree(DOCS.resolve("wasix-run.1"), ManualPage.of(command));
    }

    private String page() {
        StringBuilder page = new StringBuilder();
        page.append("# wasix-run\n\n<!-- generated: see CliDocTest -->\n\n```\n")
                .append(command.getCommandSpec().usageMessage().customSynopsis()[0])
                .append("\n```\n\n");
        paragraphs(page, command.getCommandSpec().usageMessage().description());
        page.append("| option | meaning |\n|---|---|\n");
        for (OptionSpec option : command.getCommandSpec().options()) {
            page.append("| `").append(title(option)).append("` | ");
            page.append(meaning(option.description())).append(" |\n");
        }
        page.append('\n');
        paragraphs(page, command.getCommandSpec().usageMessage().footer());
        page.append("Except for the program's own code, a line `wasix-run: ...` on ")
                .append("standard error.\n\n")
                .append("Completion for bash and zsh: `source docs/completion.bash`.\n");
        return page.toString();
    }

    private static void paragraphs(StringBuilder page, String[] lines) {
        for (String line : lines) {
            if (!line.isEmpty()) {
                page.append(escaped(line)).append("\n\n");
            }
        }
    }

    private static String title(OptionSpec option) {
        String names = String.join("`, `", option.names());
        if (option.arity().max() == 0) {
            return names;
        }
        String label = option.paramLabel().replace("|", "\\|");
        return option.arity().min() == 0
                ? names + "[=" + label + "]"
                : names + (option.paramLabel().contains("|") ? "=" : " ") + label;
    }

    /** A sentence; lines that picocli shows indented are examples. */
    private static String meaning(String[] description) {
        StringBuilder meaning = new StringBuilder();
        for (String line : description) {
            boolean example = line.startsWith("  ");
            String text = line.strip().replace("|", "\\|");
            meaning.append(meaning.length() == 0 ? "" : example ? "<br>" : " ");
            meaning.append(example ? "`" + text + "`" : escaped(text));
        }
        return meaning.toString();
    }

    private static String escaped(String text) {
        return text.replace("*", "\\*").replace("_", "\\_").replace("<", "&lt;");
    }
}
