// From wasm-bindgen's output and the TypeScript sources to dist/. Run by `cargo run -p xtask -- npm`, which writes src/generated/ first.
import { execFileSync } from "node:child_process";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { reportTypes } from "./report-types.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const generated = join(here, "src", "generated");
const dist = join(here, "dist");
// After a change of scripts alone: the modules as they were made before.
const scriptsOnly = process.argv.includes("--scripts");
const bin = (name) => join(here, "node_modules", ".bin", name);

/** The table of HTML's entities compresses better whole than cut at its zeros. */
const FLAGS = { html: ["--skip-pass=memory-packing"] };

function optimise(name) {
  const wasm = join(generated, name, `${name}_bg.wasm`);
  execFileSync(bin("wasm-opt"), ["-Oz", ...(FLAGS[name] ?? []), wasm, "-o", wasm], { stdio: "inherit" });
  return wasm;
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
const schema = JSON.parse(await readFile(join(here, "..", "..", "core", "report.schema.json"), "utf8"));
await writeFile(join(generated, "report.ts"), reportTypes(schema));
for (const name of ["carbon", "planning", "documents", "html"]) await copyFile(scriptsOnly ? join(generated, name, `${name}_bg.wasm`) : optimise(name), join(dist, `${name}.wasm`));

const shared = {
  absWorkingDir: here,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  loader: { ".wasm": "binary", ".txt": "text", ".css": "text" },
  logLevel: "warning",
};
// Scripts of the worker: its own, and what unpacks, which stands before it where it is needed.
for (const [name, more] of [["thread", { external: ["./planning.js", "./render.js", "./unpack.js"] }], ["unpack", { globalName: "carbonUnpack" }]]) {
  const { outputFiles } = await esbuild.build({ ...shared, ...more, entryPoints: [`src/${name}.ts`], format: "iife", write: false });
  await writeFile(join(generated, `${name}.worker.txt`), outputFiles[0].text);
}
await esbuild.build({
  ...shared,
  splitting: true,
  entryPoints: { index: "src/index.ts", slim: "src/slim.ts", planning: "src/planning.ts", render: "src/render.ts", worker: "src/worker.ts", element: "src/element/index.ts", tables: "src/tables.ts" },
  chunkNames: "chunks/[name]-[hash]",
  outdir: dist,
});
const bundled = ["fzstd/LICENSE", "pako/LICENSE", "xxhash-wasm/LICENSE.md"].map(async (path) => `${path}\n\n${await readFile(join(here, "node_modules", path), "utf8")}`);
await writeFile(join(dist, "licences.txt"), (await Promise.all(bundled)).join("\n\n"));
execFileSync(bin("tsc"), ["-p", here], { stdio: "inherit" });
// What only the package itself uses has no types for others.
for (const inside of ["account", "inlined", "inlined-documents", "inlined-html", "inlined-planning", "packing", "thread", "unpack", "unpack-script", "zone"]) await rm(join(dist, `${inside}.d.ts`), { force: true });
await writeFile(join(dist, "element.d.ts"), 'export * from "./element/index.js";\n');
console.error(`wrote ${dist}`);
