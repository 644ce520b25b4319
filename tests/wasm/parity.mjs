// The package gives the same bytes as the command, over the whole corpus, as JSON, Markdown and HTML, in Node and in Chromium.
// usage: node parity.mjs CARBON_REPORT [--node]
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { load } from "../../wasm/js/dist/index.js";
import { shown } from "../promises/shown.mjs";
import { open } from "./browser.mjs";
import { cases } from "./corpus.mjs";

const command = resolve(process.argv[2]);
const inNodeOnly = process.argv[3] === "--node";
const FORMATS = { json: "json", markdown: "md", html: "html" };

/** A packed file of which nothing could be read: the command tells its hash, the package can't. Numbers are compared. */
const NOTHING_READ = /gzip-damaged/;

/** What the command alone unpacks: databases, W&B's files, xz and its like. The package says of each file what it is. */
const FOR_THE_COMMAND = /store-(?!of-another)|packed-xz/;

function native({ folder, paths, flags }) {
  const out = mkdtempSync(join(tmpdir(), "parity-"));
  try {
    const targets = Object.values(FORMATS).map((ending) => join(out, `card.${ending}`));
    execFileSync(command, [...paths, ...flags, "--quiet", ...targets.flatMap((target) => ["-o", target])], { cwd: folder, stdio: "ignore" });
    return read(targets);
  } catch (error) {
    // 1: done, with a log that could not be used; 2: no card.
    if (error.status === 1) return read(Object.values(FORMATS).map((ending) => join(out, `card.${ending}`)));
    if (error.status === 2) return undefined;
    throw error;
  } finally {
    rmSync(out, { recursive: true });
  }
}

function read(targets) {
  return Object.fromEntries(Object.keys(FORMATS).map((format, i) => [format, readFileSync(targets[i], "utf8")]));
}

const carbon = await load();
const page = inNodeOnly ? undefined : await open();
if (page) await page.page.goto(page.origin);
let failed = 0;
let compared = 0;
const all = cases();
for (const one of all) {
  const expected = native(one);
  const problems = [];
  const options = { ...one.options, reproduce: expected && JSON.parse(expected.json).reproduce };
  const report = await carbon.account(one.files, options).catch((error) => error);
  if (report instanceof Error) {
    if (expected !== undefined || report.code !== "setting") problems.push(`${report}`);
  } else if (expected === undefined) {
    // The command makes no card without a number.
    if (report.energy !== undefined) problems.push("energy where the command knows none");
  } else if (FOR_THE_COMMAND.test(one.name)) {
    const told = JSON.stringify(report.quality ?? []);
    if (!/not a log: (SQLite database|file of a W&B run|xz file|Parquet table)/.test(told)) problems.push("does not say what the command reads");
  } else if (NOTHING_READ.test(one.name)) {
    const numbers = ({ energy, emissions }) => JSON.stringify([energy, emissions]);
    if (numbers(report) !== numbers(JSON.parse(expected.json))) problems.push("numbers differ");
  } else {
    for (const format of Object.keys(FORMATS)) {
      compared += 1;
      if ((await carbon.render(report, format)) !== expected[format]) problems.push(`${format} differs in Node`);
    }
    if (page) {
      const files = one.files.map(({ path, data }) => ({ path, base64: data.toString("base64") }));
      const inPage = await page.page.evaluate(accountInPage, { files, options, formats: Object.keys(FORMATS) });
      for (const [format, text] of Object.entries(inPage)) {
        compared += 1;
        if (text !== sha256(expected[format])) problems.push(`${format} differs in Chromium`);
      }
    }
  }
  if (problems.length > 0) {
    console.log(`DIFFERENT ${one.name}: ${problems.join(", ")}`);
    failed += 1;
  }
}
if (page) {
  if (page.problems.length + page.foreign.length > 0) throw new Error(`Chromium: ${[...page.problems, ...page.foreign].join("\n")}`);
  await page.close();
}
if (compared < 300 || failed > 0) throw new Error(`${compared} documents compared, ${failed} of ${all.length} cases differ`);
shown(import.meta.url, `${all.length} cases, ${compared} documents compared byte by byte: 0 differ`);

async function accountInPage({ files, options, formats }) {
  const { load } = await import("/dist/index.js");
  const bytes = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const carbon = await load();
  const report = await carbon.account(
    files.map(({ path, base64 }) => ({ path, data: new Blob([bytes(base64)]) })),
    options,
  );
  const digests = {};
  for (const format of formats) {
    const text = await carbon.render(report, format);
    const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    digests[format] = Array.from(new Uint8Array(hash), (b) => b.toString(16).padStart(2, "0")).join("");
  }
  return digests;
}

function sha256(text) {
  return createHash("sha256").update(text).digest("hex");
}
