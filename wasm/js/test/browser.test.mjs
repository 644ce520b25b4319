// In Debian's Chromium: a plain module, a Vite build, the worker; under a strict policy, and with nothing asked of any other host.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { open } from "../../../tests/wasm/browser.mjs";

const folder = fileURLToPath(new URL("..", import.meta.url));
/** 100 W for 36 s are 1 Wh: by hand. */
const LOG = `timestamp, index, power.draw [W]\n${Array.from({ length: 37 }, (_, i) => `2025/06/12 14:00:${String(i).padStart(2, "0")}.000, 0, 100.00 W\n`).join("")}`;
const STRICT = "default-src 'none'; img-src data:; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src blob:";

async function inBrowser(options, body) {
  const opened = await open(options);
  try {
    await body(opened);
    assert.deepEqual(opened.problems, []);
    assert.deepEqual(opened.foreign, []);
  } finally {
    await opened.close();
  }
}

test("a plain module script, and the worker with progress and cancel, under a strict policy", async () => {
  await inBrowser({ csp: STRICT }, async ({ page, origin }) => {
    await page.goto(origin);
    const seen = await page.evaluate(async (log) => {
      const { load } = await import("/dist/index.js");
      const { account } = await import("/dist/worker.js");
      const carbon = await load();
      // The row is repeated with its own stamps: 5 MB, so that there is progress to tell.
      const rows = Array.from({ length: 100_000 }, (_, i) => `${new Date(1749736800000 + i * 1000).toISOString()},250.00,extra text that fills the line\n`);
      const files = [{ path: "node.csv", data: new Blob(["time,node_w,comment\n", ...rows]) }, { path: "gpu.csv", data: new Blob([log]) }];
      const main = await carbon.account(files, { region: "FR" });
      let workers = 0;
      const Plain = globalThis.Worker;
      globalThis.Worker = class extends Plain {
        constructor(...args) {
          super(...args);
          workers += 1;
        }
      };
      const progress = [];
      const inWorker = await account(files, { region: "FR" }, { onProgress: (p) => progress.push(p) });
      const cancel = new AbortController();
      const cancelled = await account(files, {}, { signal: cancel.signal, onProgress: () => cancel.abort() }).then(() => "done", (e) => e.name);
      const wrong = await account(files, { region: "Frnace" }).then(() => "done", (e) => [e.name, e.code, e.hint]);
      return { same: JSON.stringify(main) === JSON.stringify(inWorker), workers, last: progress.at(-1), cancelled, wrong, card: await carbon.render(main, "markdown") };
    }, LOG);
    assert.equal(seen.same, true);
    assert.equal(seen.workers, 3);
    assert.equal(seen.last.bytes, seen.last.total);
    assert.equal(seen.cancelled, "AbortError");
    assert.deepEqual(seen.wrong, ["CarbonError", "setting", "did you mean FR (France)?"]);
    assert.match(seen.card, /## Environmental Impact/);
  });
});

test("every file is read to its end while the browser collects garbage", { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "files-"));
  const pages = { "/files.html": '<!doctype html><link rel="icon" href="data:,"><title>files</title><input type="file" multiple>' };
  try {
    const texts = { "gpu.csv": LOG, "empty.csv": "", "notes.txt": "a note\n", "large.txt": "a line of a log that no reader knows\n".repeat(40_000) };
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
    await inBrowser({ pages, args: ["--js-flags=--expose-gc"] }, async ({ page, origin }) => {
      await page.goto(`${origin}/files.html`);
      await page.locator("input").setInputFiles(Object.keys(texts).map((name) => join(folder, name)));
      const report = await page.evaluate(async (log) => {
        const { account } = await import("/dist/index.js");
        // The page has time between two, however long one takes.
        const collect = () => (globalThis.gc(), setTimeout(collect, 5));
        collect();
        // A log from memory, many times over: a read that is never answered would end the test by its time.
        for (let i = 0; i < 300; i += 1) await account([{ path: "gpu.csv", data: new Blob([log]) }], { region: "FR" });
        return account([...document.querySelector("input").files].map((data) => ({ path: data.name, data })), { region: "FR" });
      }, LOG);
      assert.equal(report.energy.logged_kwh.value, 0.001);
      assert.deepEqual(report.inputs.map(({ path, bytes }) => [path, bytes]).sort(), Object.entries(texts).map(([name, text]) => [name, text.length]).sort());
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a policy without workers: the page's own thread does it", async () => {
  const opened = await open({ csp: "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'" });
  try {
    await opened.page.goto(opened.origin);
    const kwh = await opened.page.evaluate(async (log) => {
      const { account } = await import("/dist/worker.js");
      return (await account([{ path: "gpu.csv", data: new Blob([log]) }])).energy.logged_kwh.value;
    }, LOG);
    assert.equal(kwh, 0.001);
  } finally {
    await opened.close();
  }
});

test("a policy without WebAssembly: the error names the missing word", async () => {
  const opened = await open({ csp: "default-src 'none'; script-src 'self'" });
  try {
    await opened.page.goto(opened.origin);
    const error = await opened.page.evaluate(async () => {
      const { load } = await import("/dist/index.js");
      return load().then(() => "loaded", ({ code, hint }) => ({ code, hint }));
    });
    assert.equal(error.code, "load");
    assert.match(error.hint, /'wasm-unsafe-eval'/);
  } finally {
    await opened.close();
  }
});

test("a Vite build, inlined and slim, and the element with a packed log in its worker", async () => {
  const { build } = await import("vite");
  const app = mkdtempSync(join(tmpdir(), "vite-"));
  try {
    mkdirSync(join(app, "node_modules"));
    symlinkSync(folder, join(app, "node_modules", "carbon-report"), "dir");
    const page = (script) => `<!doctype html><link rel="icon" href="data:,"><title>app</title><pre id="card"></pre><script type="module" src="${script}"></script>`;
    const show = `const log = ${JSON.stringify(LOG)};
      export const show = async (carbon) => {
        const report = await carbon.account([{ path: "gpu.csv", data: new Blob([log]) }], { region: "FR" });
        document.querySelector("#card").textContent = await carbon.render(report, "markdown");
      };`;
    writeFileSync(join(app, "show.js"), show);
    writeFileSync(join(app, "index.html"), page("/main.js"));
    writeFileSync(join(app, "slim.html"), page("/slim.js"));
    writeFileSync(join(app, "main.js"), 'import { load } from "carbon-report"; import { show } from "./show.js"; show(await load());');
    writeFileSync(join(app, "slim.js"), 'import { load } from "carbon-report/slim"; import url from "carbon-report/carbon.wasm?url"; import { show } from "./show.js"; show(await load(url));');
    writeFileSync(join(app, "element.html"), page("/element.js").replace("<pre", "<carbon-card drop></carbon-card><pre"));
    writeFileSync(join(app, "element.js"), `import "carbon-report/element";
      const packed = new Blob([LOG]).stream().pipeThrough(new CompressionStream("gzip"));
      const data = await new Response(packed).blob();
      await document.querySelector("carbon-card").read([{ path: "gpu.csv.gz", data }]);
      document.querySelector("#card").textContent = document.querySelector("carbon-card").report.energy.logged_kwh.text;`.replace("LOG", JSON.stringify(LOG)));
    await build({ root: app, logLevel: "error", build: { target: "es2022", chunkSizeWarningLimit: 9000, rollupOptions: { input: [join(app, "index.html"), join(app, "slim.html"), join(app, "element.html")] } } });
    await inBrowser({ folder: join(app, "dist"), csp: "default-src 'self'; img-src data:; script-src 'self' 'wasm-unsafe-eval'; worker-src blob:" }, async ({ page, origin }) => {
      for (const name of ["index.html", "slim.html"]) {
        await page.goto(`${origin}/${name}`);
        await page.waitForFunction(() => document.querySelector("#card").textContent.includes("Environmental Impact"));
      }
      await page.goto(`${origin}/element.html`);
      await page.waitForFunction(() => /^1\.00\sWh$/.test(document.querySelector("#card").textContent));
    });
    assert.ok(readFileSync(join(app, "dist", "index.html"), "utf8").includes("module"));
  } finally {
    rmSync(app, { recursive: true });
  }
});
