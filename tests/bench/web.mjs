// The web build beside the command, in one run: throughput in Node, the first card and the memory of a page in Chromium.
// usage: node web.mjs CARBON_REPORT DATA_FOLDER [--mb 200] [--rounds 5]; --mb 0 leaves throughput out
//
// Throughput is that of whole calls on one nvidia-smi log, which lies in the page cache: the command with one thread and all its start, the package with its
// module compiled. The first card is a page's first: from the choice of the folder to the frame that shows it, where the pointer came to the card before. Memory is what the page's process holds at
// most while it reads a log of 500 MB, its share of what processes share included (Pss), and before it.
import { execFileSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { load } from "../../wasm/js/dist/index.js";
import { open } from "../wasm/browser.mjs";

const { positionals, values } = parseArgs({ allowPositionals: true, options: { mb: { type: "string", default: "200" }, rounds: { type: "string", default: "5" } } });
const [command, data] = positionals;
const rounds = Number(values.rounds);
const median = (all) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)];

/** A log of about that size, alone in a folder, and its exact energy. */
function generated(mb) {
  const folder = join(data, `web-${mb}`);
  const log = join(folder, "gpu.csv");
  const truth = `${folder}.txt`;
  if (!existsSync(truth)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(truth, execFileSync("python3", [join(dirname(fileURLToPath(import.meta.url)), "gen_nvidia_smi.py"), log, "--mb", `${mb}`]));
  }
  const [, bytes, energy] = /bytes=(\d+).*energy_kwh=([\d.]+)/.exec(readFileSync(truth, "utf8"));
  return { folder, log, bytes: Number(bytes), energy: Number(energy) };
}

function check(name, report, { energy }) {
  const found = report.energy.it_kwh.value;
  if (Math.abs(found - energy) > 1e-6 * energy) throw new Error(`${name}: ${found} kWh, expected ${energy}`);
}

/** A file's bytes, in one buffer. */
async function* pieces(path) {
  const file = openSync(path);
  const buffer = new Uint8Array(1 << 18);
  for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer)) yield buffer.subarray(0, length);
  closeSync(file);
}

async function throughput(log) {
  const carbon = await load();
  const ways = {
    "carbon-report 1 thread": () => JSON.parse(execFileSync(command, [log.log, "--threads", "1", "--format", "json", "--region", "FR", "--quiet"], { encoding: "utf8", maxBuffer: 1 << 28 })),
    "package in Node": () => carbon.account([{ path: "gpu.csv", data: pieces(log.log) }], { region: "FR" }),
  };
  const figures = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, way] of Object.entries(ways)) {
      const start = performance.now();
      check(name, await way(), log);
      figures[name].push(log.bytes / (performance.now() - start) / 1000);
    }
  }
  const [native, web] = Object.values(figures).map(median);
  for (const [name, all] of Object.entries(figures)) console.log(`${name.padEnd(24)}${median(all).toFixed(0).padStart(6)} MB/s`);
  console.log(`${"ratio".padEnd(24)}${(web / native).toFixed(2).padStart(6)}`);
}

/** Opens a page with a card that takes logs, chooses `input`'s files and gives what its process held meanwhile (MB, at most and before) and how long it took (ms). */
async function card(input, log) {
  const pages = { "/card.html": '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/dist/element.js"></script><carbon-card drop></carbon-card>' };
  const { browser, page, origin, problems, close } = await open({ pages });
  try {
    await page.goto(`${origin}/card.html`);
    await page.locator("carbon-card input[webkitdirectory]").waitFor({ state: "attached" });
    await page.evaluate(() => {
      const element = document.querySelector("carbon-card");
      element.shadowRoot.addEventListener("change", () => (window.chosen = performance.now()), { capture: true, once: true });
      element.addEventListener("carbon-report", ({ detail }) => requestAnimationFrame(() => setTimeout(() => (window.made = { ms: performance.now() - window.chosen, report: detail.report }))), { once: true });
    });
    // As someone does who is about to choose.
    await page.locator("carbon-card .area").hover();
    await page.waitForLoadState("networkidle");
    const renderers = await renderersOf(browser);
    const before = held(renderers);
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, held(renderers))), 25);
    await page.locator(input).first().setInputFiles(input.includes("webkitdirectory") ? log.folder : log.log);
    await page.waitForFunction(() => window.made !== undefined, undefined, { timeout: 120_000 });
    clearInterval(watch);
    const { ms, report } = await page.evaluate(() => window.made);
    check("Chromium", report, log);
    if (problems.length > 0) throw new Error(problems.join("; "));
    return { ms, before, most };
  } finally {
    await close();
  }
}

/** The processes in which pages of a browser run. */
async function renderersOf(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  return processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
}

/** What a process holds (MB); of those that are gone, nothing. */
function held(processes) {
  const of = (id) => {
    try {
      return Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, "utf8"))[1]) / 1000;
    } catch {
      return 0;
    }
  };
  return Math.max(...processes.map(of));
}

console.log(`nvidia-smi log of ${values.mb} MB, ${cpus().length} cores, median of ${rounds} rounds; hashing of the input included`);
if (values.mb !== "0") await throughput(generated(Number(values.mb)));

const firsts = [];
for (let round = 0; round < rounds; round += 1) firsts.push((await card("carbon-card input[webkitdirectory]", generated(1))).ms);
console.log(`\nfirst card on a folder of 1 MB in Chromium: ${median(firsts).toFixed(0)} ms (${firsts.map((ms) => ms.toFixed(0)).join(", ")})`);
const large = await card("carbon-card input[type=file]", generated(500));
console.log(`500 MB log in Chromium: ${(large.ms / 1000).toFixed(2)} s, the page's process held ${large.most.toFixed(0)} MB at most, ${large.before.toFixed(0)} MB before`);
process.exit();
