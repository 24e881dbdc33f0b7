package org.wasix4j.system.process;

import java.util.List;
import org.wasix4j.system.thread.ExitReason;

/** A process as the {@link ProcessTable} sees it. The table calls it with no lock held. */
public interface ProcessMember {

    /** A signal for the process: its handler runs, or what is default happens. */
    void signal(int signal);

    /** Ends the process. Only the first reason counts. */
    void end(ExitReason reason);

    /** The command line, the program's name first. */
    List<String> arguments();
}
