// Every case of tests/formats, tests/bad and examples, as the command and as the package are given it.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** What only the command does so far. */
const COMMAND_ONLY = new Set(["--carbon-budget", "--compare", "--lifetime-years", "--predict-epochs"]);

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
    if (about.args?.some((word) => COMMAND_ONLY.has(word))) continue;
    all.push(aCase(folder, about.paths ?? ["logs"], about.args ?? []));
  }
  for (const folder of folders(join(root, "examples"))) {
    if (exists(join(folder, "logs"))) all.push(aCase(folder, ["logs"], ["--region", "gcp:europe-west4", "--title", "A <b>run</b>"]));
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

function aCase(folder, paths, flags) {
  const files = paths.filter((path) => exists(join(folder, path))).flatMap((path) => filesOf(folder, path));
  return { name: relative(root, folder), folder, paths, flags, files, options: optionsOf(flags) };
}

/** Flags of the command as options of the package. */
function optionsOf(flags) {
  const options = {};
  for (let i = 0; i < flags.length; i += 1) {
    const value = flags[i + 1];
    switch (flags[i]) {
      case "--as-logged":
        options.as_logged = true;
        continue;
      case "--columns":
        options.columns = value.split(",").map((name) => name.trim());
        break;
      case "--interval":
        options.interval_s = Number(value.replace(/s$/, ""));
        break;
      case "--region":
      case "--title":
      case "--tz":
        options[flags[i].slice(2)] = value;
        break;
      default:
        throw new Error(`no option of the package is known for ${flags[i]}`);
    }
    i += 1;
  }
  return options;
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
