// Runs a module on Wasmer's npm package with the network of the host:
//   node wasmer-run.mjs --check            says whether that can be done here (exit code 0)
//   node wasmer-run.mjs MODULE PORT HOST   port 0 is replaced by one that is free
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import net from "node:net";
import { pathToFileURL } from "node:url";

const [first, port, host] = process.argv.slice(2);

if (Number(process.versions.node.split(".")[0]) < 24) {
  console.log(`node ${process.versions.node} is older than 24`);
  process.exit(1);
}

let Wasmer;
try {
  // unlike import, require knows NODE_PATH
  const found = createRequire(import.meta.url).resolve("@wasmer/sdk/node");
  ({ Wasmer } = await import(pathToFileURL(found)));
} catch (error) {
  console.log(`no package @wasmer/sdk: ${error.code ?? error.message}`);
  process.exit(1);
}
if (first === "--check") {
  process.exit(0);
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port: free } = server.address();
      server.close(() => resolve(free));
    });
  });
}

function isOpen(number) {
  return new Promise((resolve) => {
    const socket = net.connect(number, "127.0.0.1");
    socket.on("connect", () => resolve(true) || socket.destroy());
    socket.on("error", () => resolve(false));
  });
}

const number = port === "0" ? await freePort() : Number(port);
const wasmer = new Wasmer();
const pkg = await wasmer.packages.load(new Uint8Array(await readFile(first)));
const sandbox = await wasmer.sandboxes.create({ packages: [pkg], network: { mode: "host" } });
const run = sandbox.command("main", [String(number), host]).run();
run.then(
  (output) => {
    console.error("the guest has ended", output.exitCode, output.text?.());
    process.exit(1);
  },
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
for (let i = 0; i < 300 && !(await isOpen(number)); i++) {
  await new Promise((resolve) => setTimeout(resolve, 100));
}
console.log(`listening on 127.0.0.1:${number}`);
