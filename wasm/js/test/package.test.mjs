// What the package is made of: nothing of the machine that built it, no network, its types, its sizes.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";

const folder = fileURLToPath(new URL("..", import.meta.url));
const dist = join(folder, "dist");
const files = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name));
const brotli = (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 } }).length;

test("no path of the machine that built it, no host, no import.meta", () => {
  for (const file of files) {
    const text = readFileSync(file, "latin1");
    for (const path of [homedir(), join(folder, "..", ".."), ".cargo/registry"]) assert.ok(path.length < 3 || !text.includes(path), `${file} holds ${path}`);
    if (file.endsWith(".js")) assert.ok(!text.includes("import.meta"), `${file} holds import.meta`);
  }
});

test("modules ask for nothing but the glue", () => {
  for (const name of ["carbon", "planning", "documents", "html"]) {
    const module = new WebAssembly.Module(readFileSync(join(dist, `${name}.wasm`)));
    for (const { module: from } of WebAssembly.Module.imports(module)) assert.equal(from, `./${name}_bg.js`);
  }
});

test("sizes stay in their budgets", () => {
  const budgets = JSON.parse(readFileSync(new URL("../sizes.json", import.meta.url), "utf8"));
  for (const [name, { brotli_bytes: most }] of Object.entries(budgets)) {
    // A chunk carries a hash of eight letters and digits in its name.
    const wanted = new RegExp(`/${name.replaceAll(".", "\\.").replace("*", "[A-Z0-9]{8}")}$`);
    const found = files.filter((file) => wanted.test(file));
    assert.equal(found.length, 1, `${name}: found ${found.length} files`);
    const size = brotli(readFileSync(found[0]));
    assert.ok(size <= most, `${name}: ${size} bytes with brotli, expected at most ${most}`);
  }
});

test("types tell right from wrong", () => {
  const scratch = mkdtempSync(join(tmpdir(), "types-"));
  const source = join(folder, "test", "consumer.ts");
  try {
    const config = { compilerOptions: { strict: true, noEmit: true, skipLibCheck: false, module: "nodenext", target: "es2022", lib: ["es2022", "dom", "dom.asynciterable"], types: [] }, files: [source] };
    writeFileSync(join(scratch, "tsconfig.json"), JSON.stringify(config));
    execFileSync(join(folder, "node_modules/.bin/tsc"), ["-p", scratch], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  } catch (error) {
    assert.fail(error.stdout ?? error);
  } finally {
    rmSync(scratch, { recursive: true });
  }
});
