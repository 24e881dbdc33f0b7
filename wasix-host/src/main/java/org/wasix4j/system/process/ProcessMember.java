package org.wasix4j.system.process;

import java.util.List;
import org.wasix4j.system.thread.ExitReason;

/** A process as the {@link ProcessTable} sees it. The table calls it with no lock held. */
public interface ProcessMember {

    /** A signal for the process: its handler runs, or what is default happens. */
    void signal(int signal);

    /**
     * Ends the process from outside. Only the first reason counts. When the process has just become
     * another program, that one ends.
     */
    void kill(ExitReason reason);

    /** The command line, the program's name first. */
    List<String> arguments();
}
