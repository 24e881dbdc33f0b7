package org.wasix4j.cli;

import static org.wasix4j.cli.Option.flag;

/** What every command has. */
final class HelpOption implements OptionGroup {

    boolean help;

    @Override
    public void addTo(CommandModel command) {
        command.add(
                flag(() -> help = true, "-h", "--help").forHelp().description("Show this help."));
    }
}
