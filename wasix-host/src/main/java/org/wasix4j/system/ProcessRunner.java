package org.wasix4j.system;

import java.util.List;
import org.wasix4j.system.thread.GuestStack;
import org.wasix4j.system.thread.GuestThread;

/** What makes processes run; implemented by the engine side, for each process. */
public interface ProcessRunner {

    /**
     * Starts a copy of the calling process: the same module and memory, and one thread, which goes
     * on at the frames of the caller, where its call answers 0. Called outside the guest.
     *
     * @param child the copy as the machine knows it; it is the caller's again when this throws
     * @throws org.wasix4j.types.ErrnoException again or nomem
     */
    void fork(GuestProcess child, GuestThread caller, GuestStack.Frames frames);

    /** A program that was found, of whatever engine. */
    interface Program {
        /** Its arguments: those that were asked for, with an interpreter's before them. */
        List<String> arguments();
    }

    /**
     * Looks a program up and makes it runnable.
     *
     * @param process in whose tree and working directory
     * @param path absolute or relative; never empty
     * @param arguments the program's, its name first
     * @throws org.wasix4j.types.ErrnoException noent, acces, noexec, loop and what the walk throws
     */
    Program find(GuestProcess process, String path, List<String> arguments);

    /** A program that is linked to a process, and has its memory. */
    interface Launch {
        /** Begins to run it. When that fails it ends, as the failure can be reported to no one. */
        void start();

        /** Runs it in the place of the calling process, when the last thread of that has left. */
        void startAfterCaller();

        /** Gives back what it holds. */
        void cancel();
    }

    /**
     * Links a program to a process.
     *
     * @throws org.wasix4j.types.ErrnoException noexec when it does not fit this host, nomem
     */
    Launch link(GuestProcess process, Program program);

    /** Tells the operator once why something does not work for this guest. */
    void notice(String sentence);
}
