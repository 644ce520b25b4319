// The web build gives the same JSON bytes as the command, for several samples.
// usage: node parity.mjs WASM_PACKAGE CARBON_REPORT
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const [folder, command] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const samples = JSON.parse(readFileSync(join(here, "samples.json"), "utf8"));

const { default: init, Session } = await import(pathToFileURL(join(folder, "carbon.js")));
const module = await WebAssembly.compile(readFileSync(join(folder, "carbon_bg.wasm")));
await init({ module_or_path: module });

// The module may reach for nothing but what wasm-bindgen needs to pass values and errors.
const foreign = WebAssembly.Module.imports(module).filter((i) => i.module !== "./carbon_bg.js");
if (foreign.length > 0) throw new Error(`unexpected imports: ${JSON.stringify(foreign)}`);

let failed = 0;
for (const { path, options, flags } of samples) {
  const file = join(here, "..", path);
  const native = execFileSync(command, [file, "--format", "json", "--quiet", ...flags], { maxBuffer: 1 << 28 });
  const session = new Session(options);
  // The command names a file that is given by itself by its last part.
  session.add(path.split("/").at(-1), readFileSync(file));
  const web = Buffer.from(session.report());
  // How to reproduce a report is the host's to say.
  const strip = (json) => JSON.stringify({ ...JSON.parse(json), reproduce: undefined });
  const same = web.equals(native) || (strip(web) === strip(native) && !JSON.parse(web).reproduce);
  console.log(`${same ? "same" : "DIFFERENT"} ${path} (${native.length} bytes)`);
  failed += same ? 0 : 1;
}
process.exit(failed > 0 ? 1 : 0);
