// From the built npm package to the one file that the widget sends to a page. Run by `cargo run -p xtask -- wheel`.
// usage: build.mjs OUT.js
import { createRequire } from "node:module";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const npm = join(here, "..", "..", "wasm", "js");
const esbuild = createRequire(join(npm, "package.json"))("esbuild");

/** The kernel reads logs and writes documents: the parts that do so here, larger than all the rest, stay out. */
const withoutTheKernels = {
  name: "without the kernel's",
  setup(build) {
    build.onResolve({ filter: /\/(index|render|worker)\.js$/ }, ({ kind }) => (kind === "dynamic-import" ? { path: "kernel", namespace: "absent" } : undefined));
    build.onLoad({ filter: /.*/, namespace: "absent" }, () => ({ contents: 'throw new Error("the kernel reads logs and writes documents")' }));
  },
};
const shared = { absWorkingDir: here, bundle: true, format: "esm", target: "es2022", minify: true, legalComments: "none", logLevel: "error", write: false };
const card = await esbuild.build({
  ...shared,
  entryPoints: ["card.js"],
  alias: { "carbon-report/element": join(npm, "dist", "element.js") },
  plugins: [withoutTheKernels],
});
const packed = gzipSync(card.outputFiles[0].contents, { level: 9 }).toString("base64");
const widget = await esbuild.build({ ...shared, entryPoints: ["widget.js"], define: { PACKED_CARD: JSON.stringify(packed) } });
await writeFile(process.argv[2], widget.outputFiles[0].contents);
