// The web build gives the same JSON bytes as the command, for several samples.
// usage: node parity.mjs CARBON_REPORT
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { load } from "../../wasm/js/dist/index.js";

const [command] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const samples = JSON.parse(readFileSync(join(here, "samples.json"), "utf8"));
const carbon = await load();

let failed = 0;
for (const { path, options, flags } of samples) {
  const file = join(here, "..", path);
  const native = execFileSync(command, [file, "--format", "json", "--quiet", ...flags], { maxBuffer: 1 << 28 });
  // The command names a file that is given by itself by its last part, and how to reproduce a report is the host's to say.
  const { reproduce } = JSON.parse(native);
  const report = await carbon.account([{ path: path.split("/").at(-1), data: readFileSync(file) }], { ...options, reproduce });
  const same = Buffer.from(await carbon.render(report, "json")).equals(native);
  console.log(`${same ? "same" : "DIFFERENT"} ${path} (${native.length} bytes)`);
  failed += same ? 0 : 1;
}
process.exit(failed > 0 ? 1 : 0);
