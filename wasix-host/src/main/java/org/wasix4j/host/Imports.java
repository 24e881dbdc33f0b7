package org.wasix4j.host;

import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.WasmFunctionHandle;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.Import;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.Printable;
import org.wasix4j.types.SyscallSpec;

/**
 * Binds a module's function imports to host functions, by module, name and type.
 *
 * <p>A name that the ABI has and this host does not serve answers {@code nosys}; one without a
 * result traps with its name. A new name of {@code wasix_32v1} is taken for a function newer than
 * this host, and answers {@code nosys}, too. Any other unknown name, and a known one with a type
 * that it never had, is left unbound and listed.
 */
public final class Imports {

    /** The import modules of the ABI. */
    public static final Set<String> MODULES =
            Set.of("wasix_32v1", "wasi_snapshot_preview1", "wasi_unstable", "wasi");

    private final List<HostModule> families;

    /** Those of them that have several functions of a name. */
    private final List<HostModule> typed = new ArrayList<>();

    /** Binds to the functions of all families together. */
    public Imports(List<HostModule> families) {
        this.families = families;
        for (HostModule family : families) {
            if (family.distinguishesTypes()) {
                typed.add(family);
            }
        }
    }

    /**
     * The outcome of linking.
     *
     * @param functions the bound imports
     * @param unserved known names that answer {@code nosys}
     * @param unknown imports that could not be bound, with the reason
     * @param newer functions of WASIX unknown to this host, bound all the same: they answer {@code
     *     nosys}
     */
    public record Linked(
            List<ImportFunction> functions,
            List<String> unserved,
            List<String> unknown,
            List<String> newer) {}

    /** Whether this host serves a function with that signature. */
    public boolean serves(SyscallSpec spec) {
        return service(spec).exists();
    }

    /** What serves a function: one of the two, or neither. */
    private record Service(
            @Nullable HostModule.NumberSyscall number, @Nullable HostModule.Syscall body) {
        boolean exists() {
            return number != null || body != null;
        }
    }

    private Service service(SyscallSpec spec) {
        for (HostModule family : families) {
            HostModule.NumberSyscall found = family.findNumber(spec.name());
            if (found != null) {
                return new Service(found, null);
            }
        }
        HostModule.Syscall body = null;
        for (String key : keys(spec)) {
            if (body == null) {
                body = body(key.equals(spec.name()) ? families : typed, key);
            }
        }
        return new Service(null, body);
    }

    private static @Nullable HostModule.Syscall body(List<HostModule> families, String key) {
        for (HostModule family : families) {
            HostModule.Syscall found = family.find(key);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** What a function can be served under, the most specific key first. */
    static List<String> keys(SyscallSpec spec) {
        String typed = spec.name() + ' ' + spec.core();
        return List.of(spec.module() + ' ' + typed, typed, spec.name());
    }

    /** Which generation a module belongs to, by what it imports. */
    public static AbiProfile profileOf(WasmModule module) {
        boolean wasix = false;
        boolean preview1FromWasix = false;
        for (FunctionImport function : functionImports(module)) {
            if (function.module().equals("wasix_32v1")) {
                wasix = true;
                preview1FromWasix |= LEGACY_NAMES.contains(function.name());
            } else if (function.module().equals("wasi")) {
                wasix = true;
            }
        }
        if (preview1FromWasix) {
            return AbiProfile.LEGACY;
        }
        return wasix ? AbiProfile.CURRENT : AbiProfile.PREVIEW1;
    }

    /** The preview1 names that only the first generation imports from {@code wasix_32v1}. */
    private static final Set<String> LEGACY_NAMES =
            Set.of(
                    "args_get",
                    "args_sizes_get",
                    "clock_res_get",
                    "clock_time_get",
                    "environ_get",
                    "environ_sizes_get",
                    "fd_close",
                    "fd_fdstat_get",
                    "fd_fdstat_set_flags",
                    "fd_filestat_get",
                    "fd_prestat_get",
                    "fd_read",
                    "fd_readdir",
                    "fd_seek",
                    "fd_write",
                    "path_open",
                    "poll_oneoff",
                    "proc_exit",
                    "proc_raise",
                    "random_get",
                    "sched_yield",
                    "sock_accept",
                    "sock_recv",
                    "sock_send",
                    "sock_shutdown");

    /** Binds what the module imports from the ABI's modules; other imports are none of ours. */
    Linked link(WasmModule module, AbiProfile profile, Syscalls syscalls) {
        Map<String, ImportFunction> bound = new HashMap<>();
        List<ImportFunction> functions = new ArrayList<>();
        List<String> unserved = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        List<String> later = new ArrayList<>();
        for (FunctionImport function : functionImports(module)) {
            FunctionType type = module.typeSection().getType(function.typeIndex());
            Match match = match(function, type);
            SyscallSpec spec = match.spec();
            boolean unheardOf = spec == null && isNewer(function, type);
            if (unheardOf) {
                spec = unheardOf(function, type);
                later.add(Printable.foreign(spec.toString()));
            } else if (spec == null) {
                unknown.add(describe(function, type) + ": " + match.problem());
                continue;
            }
            Service service = service(spec);
            if (!unheardOf && !service.exists()) {
                unserved.add(spec.toString());
            }
            String key = spec + spec.core();
            ImportFunction known = bound.get(key);
            if (known == null) {
                known =
                        new HostFunction(
                                spec.module(),
                                spec.name(),
                                type,
                                handle(spec, service, profile, syscalls));
                bound.put(key, known);
            }
            functions.add(known);
        }
        return new Linked(functions, unserved, unknown, later);
    }

    /**
     * Whether an import that is in no table can be a function that WASIX has got since: its name is
     * new, and it returns what can be an errno. Programs are made to do without such a function.
     */
    private boolean isNewer(FunctionImport function, FunctionType type) {
        return function.module().equals("wasix_32v1")
                && Signatures.load().find(function.module(), function.name()).isEmpty()
                && Signatures.newer().find(function.module(), function.name()).isEmpty()
                && String.valueOf(CoreType.format(type)).endsWith(":i");
    }

    private static SyscallSpec unheardOf(FunctionImport function, FunctionType type) {
        List<SyscallSpec.Parameter> parameters = new ArrayList<>();
        for (int i = 0; i < type.params().size(); i++) {
            parameters.add(new SyscallSpec.Parameter("p" + i, "u64"));
        }
        return new SyscallSpec(
                function.module(),
                function.name(),
                Objects.requireNonNull(CoreType.format(type)),
                parameters);
    }

    /** What a function import stands for, or a clause why it stands for nothing. */
    private record Match(@Nullable SyscallSpec spec, @Nullable String problem) {}

    private Match match(FunctionImport function, FunctionType type) {
        if (!MODULES.contains(function.module())) {
            return new Match(null, "no such module");
        }
        String core = CoreType.format(type);
        boolean known = false;
        // nearly all are in the first; the others are read only for what is not
        for (int table = 0; table < 3; table++) {
            for (SyscallSpec candidate : table(table).find(function.module(), function.name())) {
                if (candidate.core().equals(core)) {
                    return new Match(candidate, null);
                }
                known = true;
            }
        }
        return new Match(null, known ? "the function has another type" : "no such function");
    }

    private static Signatures table(int number) {
        return switch (number) {
            case 0 -> Signatures.load();
            case 1 -> Signatures.wasip1Sockets();
            default -> Signatures.newer();
        };
    }

    /**
     * A function import, as it would be bound.
     *
     * @param module where it is imported from
     * @param name the function
     * @param type its type, as the engine writes it
     * @param problem why it would not do what it should, as a clause; null when it is served
     * @param bound whether a module that imports it can be linked
     * @param known whether there is such a function, as far as is known here
     */
    public record Inspected(
            String module,
            String name,
            String type,
            @Nullable String problem,
            boolean bound,
            boolean known) {}

    /** How each function import of a module would be bound, in order; binds nothing. */
    public List<Inspected> inspect(WasmModule module) {
        List<Inspected> inspected = new ArrayList<>();
        for (FunctionImport function : functionImports(module)) {
            FunctionType type = module.typeSection().getType(function.typeIndex());
            Match match = match(function, type);
            SyscallSpec spec = match.spec();
            String problem = match.problem();
            boolean later = spec == null && isNewer(function, type);
            if (later) {
                problem = "unknown, perhaps newer than this host: answers nosys";
            } else if (spec != null && !serves(spec)) {
                problem = spec.returnsErrno() ? "answers nosys" : "traps when it is called";
            }
            inspected.add(
                    new Inspected(
                            function.module(),
                            function.name(),
                            type.toString(),
                            problem,
                            spec != null || later,
                            spec != null));
        }
        return inspected;
    }

    private WasmFunctionHandle handle(
            SyscallSpec spec, Service service, AbiProfile profile, Syscalls syscalls) {
        AbiProfile bound = spec.module().equals("wasi_unstable") ? profile.asSnapshot0() : profile;
        HostModule.NumberSyscall number = service.number();
        if (number != null) {
            return syscalls.numberHandle(spec, bound, number);
        }
        HostModule.Syscall body = service.body();
        if (body != null) {
            return syscalls.handle(spec, bound, body);
        }
        if (spec.returnsErrno()) {
            return syscalls.handle(spec, bound, (call, args) -> Errno.NOSYS);
        }
        return (instance, args) -> {
            throw new ChicoryException(spec + " is not served by this host");
        };
    }

    private static String describe(FunctionImport function, FunctionType type) {
        return Printable.foreign(function.module() + "." + function.name() + " " + type);
    }

    private static List<FunctionImport> functionImports(WasmModule module) {
        List<FunctionImport> functions = new ArrayList<>();
        for (int i = 0; i < module.importSection().importCount(); i++) {
            Import imported = module.importSection().getImport(i);
            if (imported.importType() == ExternalType.FUNCTION) {
                functions.add((FunctionImport) imported);
            }
        }
        return functions;
    }
}
