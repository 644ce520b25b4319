// Logs cut, shuffled and broken at random go through the package: every one gives a report, none a trap.
import { load } from "../../wasm/js/dist/index.js";
import { full, shown } from "../promises/shown.mjs";
import { cases, random } from "./corpus.mjs";

const count = full ? 20_000 : 2_000;
const carbon = await load();
const next = random(20251125);
// Settings that the factors of a log's place refuse are refused whatever becomes of the log.
const accepted = await Promise.all(cases().map((one) => carbon.account(one.files, one.options).then(() => [one], () => [])));
const originals = accepted.flat().flatMap(({ files, options }) => files.filter(({ data }) => data.length > 0 && data.length < 20_000).map(({ data }) => ({ data, options })));

function mutant(data) {
  let bytes = Buffer.from(data.subarray(0, 1 + next(data.length)));
  for (let n = next(8); n >= 0; n -= 1) {
    const at = next(bytes.length);
    switch (next(6)) {
      case 0:
        bytes[at] = next(256);
        break;
      case 1:
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(["\0", "\n", ",", "\"", "-", "9".repeat(40), "1e308", "NaN", "\uFEFF", "{", "]"][next(11)]), bytes.subarray(at)]);
        break;
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + next(64)))]);
        break;
      case 3:
        bytes = Buffer.concat([bytes, bytes.subarray(at)]);
        break;
      case 4: {
        const lines = bytes.toString("latin1").split("\n");
        const [a, b] = [next(lines.length), next(lines.length)];
        [lines[a], lines[b]] = [lines[b], lines[a]];
        bytes = Buffer.from(lines.join("\n"), "latin1");
        break;
      }
      default: {
        const other = originals[next(originals.length)].data;
        bytes = Buffer.concat([bytes.subarray(0, at), other.subarray(next(other.length))]).subarray(0, 40_000);
      }
    }
    if (bytes.length === 0) bytes = Buffer.from("\n");
  }
  return bytes;
}

let energies = 0;
for (let i = 0; i < count; i += 1) {
  const { data, options } = originals[next(originals.length)];
  const bytes = mutant(data);
  try {
    const report = await carbon.account([{ path: "log.csv", data: bytes }], options);
    if (report.energy) energies += 1;
    if (i % 50 === 0 && report.energy) await carbon.render(report, "markdown");
  } catch (error) {
    // Parts that a changed log holds no longer are refused by name.
    if (error.code === "setting" && options.only !== undefined) continue;
    console.log(`mutant ${i}: ${error.code ?? ""} ${error.message}\n${JSON.stringify(options)}\n${bytes.toString("base64").slice(0, 4000)}`);
    process.exit(1);
  }
}
shown(import.meta.url, `${count} changed logs, ${energies} with energy: 0 traps`);
if (energies < count / 20) throw new Error("hardly a mutant had energy: they are too broken to test anything");
