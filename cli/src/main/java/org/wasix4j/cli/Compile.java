package org.wasix4j.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.wasix4j.runtime.CodeCache;
import org.wasix4j.runtime.WasixModule;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** {@code wasix-run compile}: fills a cache of compiled code, for starts that are to come. */
final class Compile implements OptionGroup {

    private final CacheOption cache = new CacheOption();
    private final HelpOption help = new HelpOption();
    private List<String> modules = List.of();

    @Override
    public void addTo(CommandModel command) {
        command.add(cache).add(help).words(v -> modules = v);
    }

    /** Compiles what a command line names; faults of it are thrown. */
    static int run(Messages messages, String... line) throws IOException {
        Compile compile = new Compile();
        CommandLine parser =
                new CommandModel(
                                "compile",
                                "wasix-run compile [OPTIONS] MODULE...",
                                "",
                                "Compiles each MODULE into the cache and runs none. A cache that is"
                                        + " read-only or belongs to root can be used by any user (--cache-dir).",
                                "")
                        .add(compile)
                        .parser();
        parser.parseArgs(line);
        if (compile.help.help) {
            parser.usage(System.out);
            return 0;
        }
        if (compile.modules.isEmpty()) {
            throw new ParameterException(parser, "MODULE is missing");
        }
        Path folder = compile.cache.folder(StartScript.environment(System.getenv()));
        if (folder == null) {
            throw new IOException("there is no folder for the cache: use --cache-dir");
        }
        CodeCache cache = CodeCache.open(folder);
        for (String module : compile.modules) {
            byte[] wasm = ModuleFile.read(module, System.in);
            long start = System.nanoTime();
            CompilerPriority.lower(wasm.length);
            WasixModule.load(module, wasm, cache);
            if (cache.problem().isPresent()) {
                throw new IOException(module + " is not cached: " + cache.problem().get());
            }
            long millis = (System.nanoTime() - start) / 1_000_000;
            messages.notice("compiled " + module + " in " + millis + " ms, cached in " + cache);
        }
        return 0;
    }
}
