package org.wasix4j.cli;

/** Options that belong together: fields with their values, and what a command knows of them. */
interface OptionGroup {

    /** Adds the options to a command, in the order in which its help shows them. */
    void addTo(CommandModel command);
}
