// Runs a module of preview1 on V8, with its standard output: node wasi-run.mjs MODULE [ARGS...]
import { readFile } from "node:fs/promises";
import { WASI } from "node:wasi";

const [module, ...words] = process.argv.slice(2);
const wasi = new WASI({ version: "preview1", args: [module, ...words] });
const compiled = await WebAssembly.compile(await readFile(module));
process.exitCode = wasi.start(await WebAssembly.instantiate(compiled, wasi.getImportObject()));
