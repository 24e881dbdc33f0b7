package org.wasix4j.cli;

import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The manual page of a command, in the language of {@code man}. */
final class ManualPage {

    private ManualPage() {}

    static String of(CommandLine command) {
        UsageMessageSpec usage = command.getCommandSpec().usageMessage();
        String name = command.getCommandName();
        StringBuilder page = new StringBuilder();
        page.append(".\\\" generated: see CliDocTest\n");
        page.append(".TH \"").append(name.toUpperCase()).append("\" \"1\" \"\" \"wasix4j\"\n");
        page.append(".SH NAME\n").append(text(name));
        page.append(" \\- run a WASIX WebAssembly program on the Java virtual machine\n");
        page.append(".SH SYNOPSIS\n").append(text(usage.customSynopsis()[0])).append('\n');
        page.append(".SH DESCRIPTION\n");
        paragraphs(page, usage.description());
        page.append(".SH OPTIONS\n");
        for (OptionSpec option : command.getCommandSpec().options()) {
            page.append(".TP\n.B ").append(text(title(option))).append('\n');
            for (String line : option.description()) {
                // what picocli shows indented is an example
                page.append(line.startsWith("  ") ? ".br\n" : "");
                page.append(text(line.strip())).append('\n');
            }
        }
        page.append(".SH EXIT STATUS\n");
        paragraphs(page, usage.footer());
        return page.toString();
    }

    private static String title(OptionSpec option) {
        String names = String.join(", ", option.names());
        if (option.arity().max() == 0) {
            return names;
        }
        return names
                + (option.arity().min() == 0
                        ? "[=" + option.paramLabel() + "]"
                        : " " + option.paramLabel());
    }

    private static void paragraphs(StringBuilder page, String[] lines) {
        for (String line : lines) {
            if (!line.isEmpty()) {
                page.append(".PP\n").append(text(line)).append('\n');
            }
        }
    }

    private static String text(String line) {
        String escaped = line.replace("\\", "\\e").replace("-", "\\-");
        return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
    }
}
