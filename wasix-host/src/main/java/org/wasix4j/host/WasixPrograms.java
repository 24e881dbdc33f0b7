package org.wasix4j.host;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.wasix4j.abi.GuestMemory;
import org.wasix4j.abi.ProcessCodec;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.ProcessRunner;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.Unwind;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SpawnAction;

/**
 * Other programs: {@code proc_exec} in its four forms, and {@code proc_spawn} in its three. A
 * program is a file of the guest's tree or one that was named to the host.
 *
 * <p>Source: wasix-witx, wasix-libc, and Wasmer for what is newer; execve(2), execvp(3),
 * posix_spawn(3).
 */
public final class WasixPrograms implements HostModule {

    /** Where programs are looked for without a PATH, as musl does. */
    private static final String DEFAULT_PATH = "/usr/local/bin:/bin:/usr/bin";

    @Override
    public @Nullable Syscall find(String key) {
        return switch (key) {
            case "proc_exec" -> this::procExec;
            case "proc_exec2" -> this::procExec2;
            case "proc_exec3" -> this::procExec3;
            case "proc_exec4" -> this::procExec4;
            case "proc_spawn" -> this::procSpawn;
            case "proc_spawn2" -> this::procSpawn2;
            case "proc_spawn3" -> this::procSpawn3;
            default -> null;
        };
    }

    // ---- exec

    /**
     * {@code proc_exec(name, name_len, args, args_len)}: execve(2) with the present environment. It
     * has no result: when the program cannot be started the process ends, with the errno for a
     * code.
     */
    private Errno procExec(CallContext call, long[] args) {
        return execOrEnd(call, args, call.process().environment());
    }

    /** {@code proc_exec2(name, args, envs)}: as {@code proc_exec}, with an environment. */
    private Errno procExec2(CallContext call, long[] args) {
        List<String> environment = words(call, args[4], args[5]);
        return execOrEnd(call, args, variables(environment));
    }

    private static Errno execOrEnd(CallContext call, long[] args, Map<String, String> environment) {
        try {
            String name = path(call, args[0], args[1]);
            List<String> words = arguments(call, args[2], args[3]);
            return exec(call, name, words, environment, false, "");
        } catch (ErrnoException e) {
            call.process().end(ExitReason.exited(e.errno().code()));
            throw Unwind.PROCESS;
        }
    }

    /**
     * {@code proc_exec3(name, args, envs, search_path, path)}: execve(2), or execvp(3) with
     * search_path, in the folders of path. Words are joined by line feeds. Returns when it fails;
     * with success only in the child of {@code proc_fork_env}, which then runs by itself while the
     * caller is its parent again.
     *
     * <p>Errors: noent, acces for what is no regular file, noexec for what is neither WebAssembly
     * that this host can run nor a script with {@code #!}, 2big, loop, nomem, notsup.
     */
    private Errno procExec3(CallContext call, long[] args) {
        List<String> words = arguments(call, args[2], args[3]);
        return exec(call, args, words, variables(words(call, args[4], args[5])));
    }

    /**
     * {@code proc_exec4(name, args, args_len, envs, envs_len, search_path, path)}: as {@code
     * proc_exec3}, but arguments and environment are arrays of pointers to strings, with the number
     * of these. Without an array of variables the environment is kept.
     */
    private Errno procExec4(CallContext call, long[] args) {
        List<String> strings = orEmptyOne(strings(call, args[2], args[3]));
        return exec(call, args, strings, environment(call, args[4], args[5]));
    }

    /** The exec whose name is in the first, and search_path and path in the last arguments. */
    private static Errno exec(
            CallContext call, long[] args, List<String> words, Map<String, String> environment) {
        String name = path(call, args[0], args[1]);
        boolean search = (args[6] & 0xff) != 0;
        String path = search ? searchPath(call, args[7], args[8]) : "";
        return exec(call, name, words, environment, search, path);
    }

    private static Errno exec(
            CallContext call,
            String name,
            List<String> words,
            Map<String, String> environment,
            boolean search,
            String path) {
        ProcessRunner runner = runner(call);
        GuestThread thread = call.thread();
        GuestProcess process = call.process();
        ProcessRunner.Program program = find(runner, process, name, words, search, path);
        GuestProcess next = process.replacement(program.arguments(), environment);
        ProcessRunner.Launch launch = link(runner, next, program);
        if (thread.acting() != null) {
            process.giveBack(thread);
            begin(process, next, launch);
            return Errno.SUCCESS;
        }
        if (process.replacedBy(next)) {
            launch.startAfterCaller();
        } else {
            cancel(next, launch);
        }
        throw Unwind.PROCESS;
    }

    /**
     * A child that has no thread becomes one that runs a program; or it ends, when something has
     * ended it meanwhile.
     */
    private static void begin(GuestProcess child, GuestProcess next, ProcessRunner.Launch launch) {
        if (child.replacedBy(next)) {
            next.descriptors().prepareForExec();
            launch.start();
        } else {
            cancel(next, launch);
            child.finish();
        }
    }

    private static void cancel(GuestProcess next, ProcessRunner.Launch launch) {
        launch.cancel();
        next.dropped();
    }

    // ---- spawn

    /**
     * {@code proc_spawn2(name, args, envs, fd_ops, signal_dispositions, search_path, path, ret:
     * *pid)}: posix_spawn(3). The file actions are done in order, in the child, before the program
     * is looked up. The dispositions are what {@code proc_signals_get} reports to the program.
     *
     * <p>Errors: those of {@code proc_exec3} and of the file actions, but a close of what is not
     * open is none; again when there are too many processes, mfile.
     */
    private Errno procSpawn2(CallContext call, long[] args) {
        List<String> words = arguments(call, args[2], args[3]);
        return spawn(call, args, words, variables(words(call, args[4], args[5])));
    }

    /**
     * {@code proc_spawn3}: as {@code proc_spawn2}, with arguments and environment as {@code
     * proc_exec4} has them.
     */
    private Errno procSpawn3(CallContext call, long[] args) {
        List<String> strings = orEmptyOne(strings(call, args[2], args[3]));
        return spawn(call, args, strings, environment(call, args[4], args[5]));
    }

    /** The spawn that has all but arguments and environment as {@code proc_spawn2}. */
    private static Errno spawn(
            CallContext call, long[] args, List<String> words, Map<String, String> environment) {
        GuestMemory memory = call.memory();
        String name = path(call, args[0], args[1]);
        List<SpawnAction> actions = ProcessCodec.readActions(memory, (int) args[6], (int) args[7]);
        int signalDispositions = (int) args[8];
        int signals = (int) args[9];
        int pidOut = (int) args[13];
        if (Integer.compareUnsigned(signals, 4096) > 0) {
            return Errno.INVAL;
        }
        byte[] dispositions =
                memory.readBytes(signalDispositions, signals * ProcessCodec.DISPOSITION_SIZE);
        boolean search = (args[10] & 0xff) != 0;
        String path = search ? searchPath(call, args[11], args[12]) : "";
        memory.check(pidOut, 4);
        ProcessRunner runner = runner(call);
        GuestProcess child = call.process().fork();
        try {
            for (SpawnAction action : actions) {
                ChildDescriptors.apply(child, action);
            }
            child.signals().dispositions(dispositions);
            start(runner, child, name, words, environment, search, path);
        } catch (Throwable e) {
            child.abandon();
            throw e;
        }
        memory.writeI32(pidOut, child.pid());
        return Errno.SUCCESS;
    }

    private static void start(
            ProcessRunner runner,
            GuestProcess child,
            String name,
            List<String> words,
            Map<String, String> environment,
            boolean search,
            String path) {
        ProcessRunner.Program program = find(runner, child, name, words, search, path);
        GuestProcess next = child.replacement(program.arguments(), environment);
        begin(child, next, link(runner, next, program));
    }

    private static ProcessRunner.Launch link(
            ProcessRunner runner, GuestProcess next, ProcessRunner.Program program) {
        try {
            return runner.link(next, program);
        } catch (Throwable e) {
            next.dropped();
            throw e;
        }
    }

    /**
     * {@code proc_spawn(name, chroot, args, preopen, stdin, stdout, stderr, working_dir, ret:
     * *process_handles)} of the first generation. A stream is inherited, nothing, or a pipe whose
     * other end is returned; the log is the parent's standard error. The working directory is
     * entered first. chroot and preopen are not used: a child sees the tree of its parent. Errors:
     * as {@code proc_spawn2}; notsup with chroot.
     */
    private Errno procSpawn(CallContext call, long[] args) {
        GuestMemory memory = call.memory();
        String name = path(call, args[0], args[1]);
        boolean chroot = (args[2] & 0xff) != 0;
        if (chroot) {
            return Errno.NOTSUP;
        }
        List<String> words = words(call, args[3], args[4]);
        int[] modes = {(int) args[7], (int) args[8], (int) args[9]};
        int workingDirLen = (int) args[11];
        String directory = workingDirLen == 0 ? "" : path(call, args[10], workingDirLen);
        int handlesOut = (int) args[12];
        memory.check(handlesOut, ProcessCodec.HANDLES_SIZE);
        ProcessRunner runner = runner(call);
        GuestProcess parent = call.process();
        GuestProcess child = parent.fork();
        int[] ends = {-1, -1, -1};
        try {
            if (!directory.isEmpty()) {
                child.mounts().changeDirectory(directory);
            }
            for (int stream = 0; stream < ends.length; stream++) {
                ends[stream] = ChildDescriptors.connect(call, child, stream, modes[stream]);
            }
            boolean search = name.indexOf('/') < 0;
            start(
                    runner,
                    child,
                    name,
                    words.isEmpty() ? List.of(name) : words,
                    parent.environment(),
                    search,
                    parent.environment().getOrDefault("PATH", DEFAULT_PATH));
        } catch (Throwable e) {
            child.abandon();
            for (int end : ends) {
                if (end >= 0) {
                    parent.descriptors().close(call.thread(), end);
                }
            }
            throw e;
        }
        ProcessCodec.writeHandles(memory, handlesOut, child.pid(), ends);
        return Errno.SUCCESS;
    }

    // ---- what both have in common

    private static ProcessRunner runner(CallContext call) {
        ProcessRunner runner = call.process().runner();
        if (runner == null) {
            throw Errno.NOTSUP.exception();
        }
        return runner;
    }

    private static ProcessRunner.Program find(
            ProcessRunner runner,
            GuestProcess process,
            String name,
            List<String> words,
            boolean search,
            String path) {
        if (name.isEmpty()) {
            throw Errno.NOENT.exception();
        }
        if (!search || name.indexOf('/') >= 0) {
            return runner.find(process, name, words);
        }
        boolean refused = false;
        for (String folder : path.split(":", -1)) {
            try {
                return runner.find(process, folder.isEmpty() ? name : folder + '/' + name, words);
            } catch (ErrnoException e) {
                if (e.errno() == Errno.ACCES) {
                    refused = true;
                } else if (e.errno() != Errno.NOENT
                        && e.errno() != Errno.NOTDIR
                        && e.errno() != Errno.NOTCAPABLE) {
                    throw e;
                }
            }
        }
        throw (refused ? Errno.ACCES : Errno.NOENT).exception();
    }

    private static String searchPath(CallContext call, long address, long length) {
        return (int) length == 0 ? DEFAULT_PATH : path(call, address, length);
    }

    private static String path(CallContext call, long address, long length) {
        return call.memory().readPath((int) address, (int) length);
    }

    /** A program's arguments; without any it gets an empty one, as on Linux. */
    private static List<String> arguments(CallContext call, long address, long length) {
        return orEmptyOne(words(call, address, length));
    }

    private static List<String> orEmptyOne(List<String> words) {
        return words.isEmpty() ? List.of("") : words;
    }

    /** An array of pointers to strings. */
    private static List<String> strings(CallContext call, long address, long count) {
        return ProcessCodec.readStrings(call.memory(), (int) address, (int) count);
    }

    /** The same as an environment; that of the calling process without an array. */
    private static Map<String, String> environment(CallContext call, long address, long count) {
        return (int) address == 0
                ? call.process().environment()
                : variables(strings(call, address, count));
    }

    /** A list of words that are joined by line feeds. */
    private static List<String> words(CallContext call, long address, long length) {
        return ProcessCodec.readWords(call.memory(), (int) address, (int) length);
    }

    /** An environment; a word without a name is left out, of two with one name the last counts. */
    private static Map<String, String> variables(List<String> words) {
        Map<String, String> variables = new LinkedHashMap<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                variables.put(word.substring(0, equals), word.substring(equals + 1));
            }
        }
        return variables;
    }
}
