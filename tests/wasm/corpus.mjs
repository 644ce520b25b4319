// Every case of tests/formats, tests/bad and examples, as the command and as the package are given it.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** What can be asked of the accounting beside a place. */
const EVERY_CHOICE = [
  "--region", "US-CA", "--year", "2023", "--basis", "direct", "--pue", "1.3", "--market", "120", "--embodied", "--lifetime-years", "5", "--carbon-budget", "1.5kg",
  "--predict-epochs", "400", "--compare", "GB,gcp:us-central1,US-NY", "--training-type", "pre-training", "--fill-gaps",
];

/** Every option that the package has: its flag, its name there, what its value is, and one. */
const OPTIONS = JSON.parse(readFileSync(new URL("options.json", import.meta.url), "utf8"));

/** Cases: a name, the folder that the command runs in, its arguments, and the same files and options for the package. */
export function cases() {
  const all = [];
  for (const format of folders(join(root, "tests", "formats"))) {
    for (const folder of folders(format)) {
      const about = settings(join(folder, "about.toml"));
      const flags = [];
      if (about.interval_s !== undefined) flags.push("--interval", `${about.interval_s}s`);
      if (about.tz !== undefined) flags.push("--tz", about.tz);
      if (about.columns !== undefined) flags.push("--columns", about.columns);
      if (about.as_logged) flags.push("--as-logged");
      all.push(aCase(folder, ["."], flags));
    }
  }
  for (const folder of folders(join(root, "tests", "bad"))) {
    const about = settings(join(folder, "about.toml"));
    // A settings file is the command's own: the package is told its choices.
    const hasSettings = (path) => exists(join(folder, path)) && statSync(join(folder, path)).isDirectory() && exists(join(folder, path, "carbon-report.toml"));
    if ([".", ...(about.paths ?? ["logs"])].some(hasSettings)) continue;
    // So are files that an option names: the package is given what they hold.
    const namesAFile = (arg, i) => ["--factors", "--formats"].includes(arg) || (arg === "--intensity" && Number.isNaN(Number(about.args[i + 1])));
    if (about.args?.some(namesAFile)) continue;
    all.push(aCase(folder, about.paths ?? ["logs"], about.args ?? []));
  }
  for (const folder of folders(join(root, "examples"))) {
    if (!exists(join(folder, "logs"))) continue;
    all.push(aCase(folder, ["logs"], ["--region", "gcp:europe-west4", "--title", "A <b>run</b>"]));
    all.push(aCase(folder, ["logs"], EVERY_CHOICE, " with every choice"));
    for (const { flag, kind, example } of OPTIONS) {
      const beside = flag === "--lifetime-years" ? ["--embodied"] : [];
      all.push(aCase(folder, ["logs"], [...beside, flag, ...(kind === "flag" ? [] : [example])], ` with ${flag}`));
    }
  }
  return all;
}

/** Deterministic numbers, so that a failure can be had again. */
export function random(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function aCase(folder, paths, flags, suffix = "") {
  const files = paths.filter((path) => exists(join(folder, path))).flatMap((path) => filesOf(folder, path));
  return { name: relative(root, folder) + suffix, folder, paths, flags, files, options: optionsOf(flags) };
}

/** Flags of the command as options of the package. */
function optionsOf(flags) {
  const options = {};
  for (let i = 0; i < flags.length; i += 1) {
    const row = OPTIONS.find(({ flag }) => flag === flags[i]);
    if (row === undefined) throw new Error(`no option of the package is known for ${flags[i]}`);
    options[row.name] = row.kind === "flag" ? true : valueOf(row.kind, flags[(i += 1)]);
  }
  return options;
}

/** Text of the command as the package takes it. */
function valueOf(kind, text) {
  const [, number, unit] = /^([0-9.]+)\s*([a-zA-Z]*)$/.exec(text) ?? [];
  switch (kind) {
    case "gigabytes":
      return Number(number) * { "": 1, GB: 1, TB: 1000 }[unit];
    case "kilograms":
      return Number(number) * { g: 0.001, kg: 1, t: 1000 }[unit];
    case "list":
      return text.split(",").map((name) => name.trim());
    case "number":
      return Number(text);
    case "seconds":
      return Number(number) * { "": 1, s: 1, ms: 0.001 }[unit];
    default:
      return text;
  }
}

function filesOf(folder, path) {
  const whole = join(folder, path);
  if (!statSync(whole).isDirectory()) return [{ path, data: readFileSync(whole) }];
  return readdirSync(whole, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !relative(whole, file).split("/").some((part) => part.startsWith(".")))
    .map((file) => ({ path: relative(folder, file), data: readFileSync(file) }));
}

/** The plain `key = value` lines of a TOML file, whatever their table. */
function settings(file) {
  const found = {};
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const pair = /^([a-z_]+) = (.+)$/.exec(line);
    try {
      if (pair) found[pair[1]] = JSON.parse(pair[2]);
    } catch {
      // A value that JSON does not know is none of those that cases are read with.
    }
  }
  return found;
}

function folders(of) {
  return readdirSync(of, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(of, entry.name))
    .sort();
}

function exists(path) {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
