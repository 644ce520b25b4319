// <carbon-card> and the page in a real Chromium: what they show, what they refuse, how they are reached.
// usage: node check.mjs CARBON_REPORT PAGE_FOLDER [PICTURES_FOLDER]; ONLY=WORDS runs the checks whose names hold them
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";
import { broken } from "../wasm/broken.mjs";
import { serve } from "./serve.mjs";

const [command, site, pictures] = process.argv.slice(2);
const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const own = createRequire(join(root, "wasm/js/package.json"));
const { chromium } = own("playwright-core");
const axe = readFileSync(own.resolve("axe-core/axe.min.js"), "utf8");

const STRICT = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src blob:; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'";
const saved = (name) => readFileSync(join(root, "tests/reports", `${name}.json`), "utf8");
const logs = (name) => join(root, "examples", name, "logs");
const native = (paths, ...flags) => execFileSync(command, [...paths, ...flags, "--quiet"], { encoding: "utf8", maxBuffer: 1 << 28 });

const page_ = (body, head = "") => `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>card</title>${head}</head><body><main><h1>Card</h1>${body}</main></body></html>`;
const SCRIPT = '<script type="module" src="/carbon-report/element.js"></script>';
const inline = (json) => `<script type="application/json">${json.replaceAll("<", "\\u003c")}</script>`;

/** A report whose every text tries to become something else. */
const HOSTILE = '<img src=x onerror=alert(1)><script>alert(2)</script><a href="javascript:alert(3)">x</a> https://evil.example/ \u202eabc\u0007 ]]>';
const poisoned = (value) =>
  typeof value === "string" ? HOSTILE : Array.isArray(value) ? value.map(poisoned) : value !== null && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, k === "schema" ? v : poisoned(v)])) : value;

const PAGES = {
  "/favicon.ico": "",
  "/report.json": saved("full"),
  "/src.html": page_(`<carbon-card src="report.json"><p id="static">Static: 337 kg</p></carbon-card>`, SCRIPT),
  "/inline.html": page_(`<carbon-card>${inline(saved("full"))}<p>Static</p></carbon-card><carbon-card theme="dark">${inline(saved("minimal"))}</carbon-card>`, SCRIPT),
  "/noscript.html": page_(`<carbon-card src="report.json"><p id="static">Static: 337 kg</p></carbon-card>`),
  "/missing.html": page_(`<carbon-card src="missing.json"><p id="static">Static: 337 kg</p></carbon-card>`, SCRIPT),
  "/hostile.html": page_(`<carbon-card>${inline(JSON.stringify(poisoned(JSON.parse(saved("full")))))}</carbon-card>`, SCRIPT),
  "/wrong.html": page_(["{", '{"schema":"carbon-report/9"}', '{"schema":"carbon-report/2"}', "[]", "null", '"<b>"'].map((json) => `<carbon-card>${inline(json)}<p>Static</p></carbon-card>`).join(""), SCRIPT),
  "/drop.html": page_(`<carbon-card drop></carbon-card>`, SCRIPT),
  "/estimate.html": page_(`<carbon-card estimate><p id="static">Nothing yet</p></carbon-card>`, SCRIPT),
  "/themed.html": page_(`<carbon-card></carbon-card>`, `${SCRIPT}<link rel="stylesheet" href="/themed.css">`),
  "/themed.css": "carbon-card { --carbon-fg: rgb(1, 2, 3); --carbon-bg: rgb(250, 240, 230); --carbon-line: rgb(4, 5, 6); --carbon-accent: rgb(80, 20, 90); --carbon-over: rgb(240, 230, 220) }",
};

const strict = await serve(site, PAGES, { "content-security-policy": STRICT });
/** The same site, where the planning part fails at every what-if. */
const [inlined] = readdirSync(join(site, "carbon-report/chunks")).filter((name) => /^inlined-planning/.test(name));
const core = readFileSync(join(root, "wasm/js/dist/planning.wasm"));
const chunk = readFileSync(join(site, "carbon-report/chunks", inlined), "utf8");
assert.ok(chunk.includes(core.toString("base64")), "the module is not in its chunk");
const trapping = chunk.replace(core.toString("base64"), () => broken(core, "factors_what_if").toString("base64"));
const traps = await serve(site, { ...PAGES, [`/carbon-report/chunks/${inlined}`]: trapping }, { "content-security-policy": STRICT });
const noWasm = await serve(site, PAGES, { "content-security-policy": STRICT.replace(" 'wasm-unsafe-eval'", "") });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });

const only = process.env.ONLY;
let failed = 0;
async function check(name, body, { server = strict, scheme = "light", viewport = { width: 1100, height: 900 }, javaScriptEnabled = true, quiet = true } = {}) {
  if (only !== undefined && !name.includes(only)) return;
  const context = await browser.newContext({ colorScheme: scheme, viewport, javaScriptEnabled, permissions: javaScriptEnabled ? ["clipboard-read", "clipboard-write"] : [] });
  const page = await context.newPage();
  const console_ = [];
  const foreign = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && console_.push(message.text()));
  page.on("pageerror", (error) => console_.push(String(error)));
  page.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (!["blob:", "data:"].includes(protocol) && host !== new URL(server.url).host) foreign.push(request.url());
  });
  if (javaScriptEnabled) await page.addInitScript(() => {
    window.hits = [];
    for (const name of ["alert", "confirm", "prompt"]) window[name] = () => window.hits.push(name);
  });
  try {
    await body(page, (path) => page.goto(`${server.url}${path}`), console_);
    assert.deepEqual(foreign, [], "requests to other hosts");
    if (quiet) assert.deepEqual(console_, [], "console");
    console.log(`ok   ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}: ${error.message}`);
  } finally {
    await context.close();
  }
}

const card = (page, at = 0) => page.locator("carbon-card").nth(at);
const shown = async (page) => {
  await page.locator("carbon-card .card").first().waitFor();
  return (await page.locator("carbon-card .card").first().innerText()).replaceAll("\u00a0", " ");
};
const picture = async (page, name) => pictures && (await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true }));
/** axe walks open shadow roots by itself; the policy of the page forbids injected scripts, so it is evaluated in the page's world. */
const accessible = async (page) => {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(" | ")}`), []);
};
const choose = (page, paths) => page.locator("carbon-card input[type=file]").first().setInputFiles(paths);
/** Pokes everything in the card; what came of it: alerts, foreign elements, and addresses of links. */
const poked = (page) => page.evaluate(() => {
  const root = document.querySelector("carbon-card").shadowRoot;
  for (const details of root.querySelectorAll("details")) details.open = true;
  const links = [...root.querySelectorAll("a")].map((a) => a.getAttribute("href"));
  for (const element of root.querySelectorAll("article *")) {
    if (element.closest("a, button")) continue;
    element.dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
    element.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
  }
  return { foreign: root.querySelectorAll("img, script, iframe, object, embed, style, link, [style], [onerror]").length, hits: window.hits, links };
});
const file = (name, content) => ({ name, mimeType: "text/plain", buffer: Buffer.from(content) });
const focused = (page) => page.evaluate(() => document.querySelector("carbon-card").shadowRoot.activeElement?.outerHTML.slice(0, 80));
const exampleFiles = (name, files) => files.map((file) => join(logs(name), file));
const GPU_NODE = exampleFiles("gpu-node", ["emissions.csv", "gpu.csv"]);

for (const scheme of ["light", "dark"]) {
  await check(`a report by src, ${scheme}, strict policy, axe`, async (page, open) => {
    await open("/src.html");
    const text = await shown(page);
    const report = JSON.parse(saved("full"));
    for (const part of [report.emissions.operational_kgco2e.text, report.headline.sentence, report.calculation, ...report.quality.map((q) => q.message)]) assert.ok(text.includes(part), part);
    const { emissions, carbon_budget, prediction, savings, equivalents, embodied, comparison_caveat } = report;
    const meaning = [emissions.market_based_kgco2e.text, emissions.embodied_kgco2e.text, emissions.total_kgco2e.text, carbon_budget.text, prediction.text, comparison_caveat];
    for (const part of [...meaning, ...savings.map((s) => s.action), ...equivalents.map((e) => e.text), ...embodied.map((e) => e.model)]) assert.ok(text.includes(part), part);
    const ground = await page.locator("carbon-card .card").evaluate((card) => getComputedStyle(card).backgroundColor);
    assert.equal(ground, scheme === "dark" ? "rgb(20, 24, 26)" : "rgb(253, 252, 250)");
    assert.equal(await page.locator("#static").isVisible(), false);
    await accessible(page);
    await picture(page, `card-${scheme}`);
  }, { scheme });
}

await check("narrow", async (page, open) => {
  await open("/src.html");
  await shown(page);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "the page scrolls sideways");
  for (const details of await page.locator("carbon-card details").all()) await details.evaluate((one) => (one.open = true));
  const wide = await page.locator("carbon-card .prose").evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.ariaLabel));
  assert.deepEqual(wide, [], "tables of sentences scroll sideways");
  await accessible(page);
  await picture(page, "card-narrow");
}, { viewport: { width: 390, height: 800 } });

await check("two cards inline on one page", async (page, open) => {
  await open("/inline.html");
  await shown(page);
  assert.equal(await page.locator("carbon-card .card").count(), 2);
  await accessible(page);
});

await check("without JavaScript the static text stands", async (page, open) => {
  await open("/src.html");
  assert.equal(await page.locator("#static").innerText(), "Static: 337 kg");
}, { javaScriptEnabled: false });

await check("a missing report leaves the static text and says so", async (page, open, console_) => {
  await open("/missing.html");
  assert.match(await card(page).getByRole("alert").innerText(), /answered 404/);
  assert.equal(await page.locator("#static").isVisible(), true);
  console_.length = 0; // Chromium itself logs the 404.
});

await check("what is no report leaves the static text and says so", async (page, open) => {
  await open("/wrong.html");
  await card(page, 5).getByRole("alert").waitFor();
  for (let at = 0; at < 6; at += 1) {
    assert.equal(await card(page, at).getByRole("alert").count(), 1, `card ${at}`);
    assert.equal(await card(page, at).locator("p", { hasText: "Static" }).isVisible(), true, `card ${at}`);
  }
});

await check("nothing in a hostile report takes effect", async (page, open) => {
  await open("/hostile.html");
  const text = await shown(page);
  assert.ok(text.includes("<img src=x onerror=alert(1)>") && text.includes("<U+202E>") && text.includes("<U+0007>"));
  assert.deepEqual(await poked(page), { foreign: 0, hits: [], links: [] });
});

await check("a card asks for nothing until it is used", async (page, open) => {
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await open("/inline.html");
  await shown(page);
  assert.deepEqual(asked.filter((path) => /inlined|tables|worker|render/.test(path)), []);
  assert.ok(asked.length <= 4, asked.join(" "));
});

await check("what if, by keyboard alone", async (page, open) => {
  await open("/src.html");
  await shown(page);
  await page.locator("carbon-card input[name=region]").focus();
  await page.keyboard.type("SE");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.type("1.5");
  await page.keyboard.press("Enter");
  const answer = page.locator("carbon-card output");
  await answer.filter({ hasText: "1.5" }).waitFor();
  assert.match(await answer.innerText(), /CO2eq in Sweden/);
  await page.locator("carbon-card input[name=region]").fill("Frnace");
  await page.keyboard.press("Enter");
  await answer.filter({ hasText: "France" }).waitFor();
  await picture(page, "what-if");
});

await check("files are read here, to the command's digits, with a worker", async (page, open) => {
  await open("/drop.html");
  await choose(page, GPU_NODE);
  const text = await shown(page);
  const folder = mkdtempSync(join(tmpdir(), "card-"));
  const file = join(folder, "report.json");
  native(GPU_NODE, "-o", file);
  const report = JSON.parse(readFileSync(file, "utf8"));
  for (const part of [report.headline.sentence, report.calculation, ...report.energy.by_component.map((c) => c.energy_kwh.text)]) assert.ok(text.includes(part), part);
  await accessible(page);
  await page.getByRole("button", { name: "Copy front matter" }).click();
  await page.getByText("Copied.").waitFor();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), new RegExp(`emissions: ${report.model_card.emissions_g.replace(".", "\\.")}`));
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save .json" }).click()]);
  assert.equal(JSON.parse(readFileSync(await download.path(), "utf8")).emissions.operational_kgco2e.value, report.emissions.operational_kgco2e.value);
  await page.locator("carbon-card .drop input[name=region]").fill("DE");
  await page.keyboard.press("Enter");
  await page.locator("carbon-card dd", { hasText: /^Germany$/ }).waitFor();
  await picture(page, "dropped");
});

await check("a folder can be dropped, with what is no log in it", async (page, open) => {
  await open("/drop.html");
  const files = GPU_NODE.map((path) => ({ name: path.split("/").at(-1), text: readFileSync(path, "utf8") }));
  files.push({ name: "notes<img src=x onerror=alert(1)>.txt", text: "nothing" }, { name: "cut.csv", text: files[1].text.slice(0, 1500) });
  const transfer = await page.evaluateHandle((all) => {
    const transfer = new DataTransfer();
    for (const { name, text } of all) transfer.items.add(new File([text], name));
    return transfer;
  }, files);
  await page.locator("carbon-card .drop").dispatchEvent("drop", { dataTransfer: transfer });
  const text = await shown(page);
  assert.ok(text.includes("notes<img src=x onerror=alert(1)>.txt"));
  assert.deepEqual(await page.evaluate(() => window.hits), []);
});

await check("files without a log say what to do", async (page, open) => {
  await open("/drop.html");
  await choose(page, [{ name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("hello") }]);
  const text = await shown(page);
  assert.match(text, /not known, which is not zero/);
  assert.match(text, /not a log/);
});

await check("reading tells how far it is, and can be cancelled by keyboard", async (page, open) => {
  await open("/drop.html");
  const big = join(mkdtempSync(join(tmpdir(), "card-")), "gpu.csv");
  const [head, ...rows] = readFileSync(GPU_NODE[1], "utf8").trimEnd().split("\n");
  writeFileSync(big, `${head}\n${`${rows.join("\n")}\n`.repeat(2500)}`);
  await choose(page, [big]);
  await page.waitForFunction(() => document.querySelector("carbon-card").shadowRoot.querySelector("progress")?.value > 0);
  await page.getByRole("button", { name: "Cancel" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("status").filter({ hasText: "Cancelled." }).waitFor();
  assert.match(await focused(page), /type="file"/);
  assert.equal(await page.locator("carbon-card .card").count(), 0);
});

await check("packed files whose names do not tell: the worker is started with what unpacks; what was read of a cut one is kept", async (page, open) => {
  const packed = (name) => ({ name: `${name}.log`, mimeType: "text/plain", buffer: readFileSync(join(root, "tests/bad", name, "logs", readdirSync(join(root, "tests/bad", name, "logs"))[0])) });
  await open("/drop.html");
  for (const [name, said] of [["zstd-two-frames", /1\.00 Wh/], ["gzip-two-members", /1\.00 Wh/], ["zstd-truncated", /the compressed file ends early/], ["gzip-truncated", /the compressed file ends early/]]) {
    await choose(page, [packed(name)]);
    await page.waitForFunction((name) => document.querySelector("carbon-card").report?.inputs[0].path === `${name}.log`, name);
    const report = await page.evaluate(() => document.querySelector("carbon-card").report);
    assert.ok(report.energy.it_kwh.value > 0, name);
    assert.match(await shown(page), said, name);
  }
  await page.getByRole("status").filter({ hasText: "fill in “Where it ran”" }).waitFor();
  await page.locator("carbon-card .drop input[name=region]").fill("FR");
  await page.keyboard.press("Enter");
  await page.getByRole("status").filter({ hasText: /^Card made: about [^.]*\.$/ }).waitFor();
});

const ESTIMATE = ["estimate", "--gpu", "8x A100-SXM4-80GB", "--hours", "24", "--region", "gcp:europe-west4", "--utilisation", "0.8"];

await check("an estimate by keyboard alone: the command's report, errors beside the fields, nothing taken away while typing", async (page, open) => {
  await open("/estimate.html");
  const card_ = page.locator("carbon-card");
  const field = (name) => card_.locator(`.estimate input[name=${name}]`);
  await field("gpu").focus();
  assert.equal(await page.locator("#static").isVisible(), true);
  for (const text of ["A100-SXM4-80GB", "8", "24", "gcp:europe-west4"]) {
    await page.keyboard.type(text);
    await page.keyboard.press("Tab");
  }
  await card_.locator(".card").waitFor();
  await card_.locator("summary", { hasText: "More" }).focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.type("0.8");
  await page.getByRole("status").filter({ hasText: "Estimated: about" }).waitFor();
  await page.waitForFunction(() => document.querySelector("carbon-card").report?.reproduce.includes("0.8"));
  const out = join(mkdtempSync(join(tmpdir(), "card-")), "report.json");
  native([], ...ESTIMATE, "-o", out);
  assert.deepEqual(await page.evaluate(() => document.querySelector("carbon-card").report), JSON.parse(readFileSync(out, "utf8")));
  assert.equal(await page.evaluate(() => document.querySelector("carbon-card").query), "gpu=A100-SXM4-80GB&count=8&hours=24&region=gcp%3Aeurope-west4&utilisation=0.8");
  for (const [list, model] of [["accelerators", "A100-SXM4-80GB"], ["processors", "EPYC 7763"]]) assert.equal(await card_.locator(`#${list} option[value="${model}"]`).count(), 1, model);
  await accessible(page);
  await page.keyboard.type("9");
  await page.waitForFunction(() => document.querySelector("carbon-card").query.includes("0.89") && document.querySelector("carbon-card").report?.reproduce.includes("0.89"));
  assert.match(await focused(page), /name="utilisation"/);
  await field("region").fill("Frnace");
  await card_.locator("#region-problem", { hasText: "did you mean FR (France)?" }).waitFor();
  assert.equal(await field("region").getAttribute("aria-invalid"), "true");
  assert.equal(await card_.locator(".card[inert]").count(), 1);
  await field("region").fill("FR");
  await card_.locator(".card:not([inert])").waitFor();
  await field("gpu").fill('A100<img src=x onerror=alert(1)>');
  await card_.locator("#gpu-problem", { hasText: "Rated power of one" }).waitFor();
  await accessible(page);
  await picture(page, "estimate-error");
  await field("gpu").fill("8x A100");
  await card_.locator(".card:not([inert])").waitFor();
  await page.getByRole("button", { name: "Copy Markdown" }).click();
  await page.getByText("Copied.").waitFor();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /carbon-report estimate --gpu '8x A100' /);
  assert.deepEqual(await page.evaluate(() => window.hits), []);
});

await check("a report by property, and a theme by custom properties", async (page, open) => {
  await open("/themed.html");
  await page.evaluate((json) => { document.querySelector("carbon-card").report = JSON.parse(json); }, saved("full"));
  await shown(page);
  const [card_, link] = await page.evaluate(() => [".card", "a"].map((of) => {
    const { color, backgroundColor, borderTopColor } = getComputedStyle(document.querySelector("carbon-card").shadowRoot.querySelector(of));
    return { color, backgroundColor, borderTopColor };
  }));
  assert.deepEqual(card_, { color: "rgb(1, 2, 3)", backgroundColor: "rgb(250, 240, 230)", borderTopColor: "rgb(4, 5, 6)" });
  assert.equal(link.color, "rgb(80, 20, 90)");
  await accessible(page);
});

await check("on paper: the card alone", async (page, open) => {
  await page.emulateMedia({ media: "print" });
  await open("/drop.html");
  await choose(page, GPU_NODE);
  await page.locator("carbon-card .card").waitFor();
  for (const gone of [".drop", ".actions", "form.what-if"]) assert.equal(await page.locator(`carbon-card ${gone}`).first().isVisible(), false, gone);
  await picture(page, "print");
});

await check("a stream that never ends: what is shown while reading", async (page, open) => {
  await open("/drop.html");
  await page.evaluate(() => {
    const data = { async *[Symbol.asyncIterator]() {
      yield new TextEncoder().encode("time,gpu0_w\n");
      await new Promise(() => {});
    } };
    void document.querySelector("carbon-card").read([{ path: "gpu.csv", data }]);
  });
  await page.getByText("gpu.csv: 0 of 1 files").waitFor();
  await accessible(page);
  await picture(page, "reading");
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("status").filter({ hasText: "Cancelled." }).waitFor();
});

await check("a setting that is changed by keyboard makes a new card, says so, and keeps the focus", async (page, open) => {
  await open("/drop.html");
  await choose(page, GPU_NODE);
  await shown(page);
  await page.locator("carbon-card .drop input[name=region]").focus();
  await page.keyboard.type("SE");
  await page.keyboard.press("Tab");
  await page.locator("carbon-card dd", { hasText: /^Sweden$/ }).waitFor();
  const report = await page.evaluate(() => document.querySelector("carbon-card").report);
  await page.getByRole("status").filter({ hasText: `Card made: ${report.headline.number}` }).waitFor();
  assert.match(await focused(page), /name="pue"/);
  await page.keyboard.type("0.5");
  await page.keyboard.press("Tab");
  assert.match(await card(page).getByRole("alert").innerText(), /found 0\.5, expected 1 to 3/);
  await picture(page, "error");
});

await check("nothing in hostile logs takes effect, and no link is theirs", async (page, open) => {
  await open("/drop.html");
  const cell = `"${HOSTILE.replaceAll('"', '""').replaceAll("\u0007", "")}"`;
  const stamp = (second) => `2025/06/12 14:00:${String(second).padStart(2, "0")}.000`;
  const rows = (of) => Array.from({ length: 30 }, (_, at) => of(at)).join("\n");
  await choose(page, [
    file("<img src=x onerror=alert(4)>.csv", `timestamp, index, name, power.draw [W]\n${rows((at) => `${stamp(at)}, 0, ${cell}, 250.00 W`)}\n${cell}, 0, ${cell}, ${cell}\n`),
    file("https:__evil.example.csv", `time,gpu0_w,${cell}\n${rows((at) => `2025-06-13T14:00:${String(at).padStart(2, "0")}Z,250,${cell}`)}\n`),
    file("emissions.csv", readFileSync(GPU_NODE[0], "utf8").replace(/AMD EPYC[^,]*/g, cell).replace(/gpu-node/g, cell)),
    file("javascript:alert(5)", HOSTILE),
  ]);
  const text = await shown(page);
  assert.ok(text.includes("<img src=x onerror=alert(4)>.csv"), text);
  const { links, ...rest } = await poked(page);
  assert.deepEqual(rest, { foreign: 0, hits: [] });
  const known = readFileSync(join(root, "data/tables/sources.csv"), "utf8");
  assert.deepEqual(links.filter((href) => !known.includes(href)), []);
  await accessible(page);
});

await check("files that are cut, too large inside, or gone while they are read: each said in the card, none costs the others", async (page, open) => {
  const changed = join(mkdtempSync(join(tmpdir(), "card-")), "changed.csv");
  writeFileSync(changed, "time,gpu0_w\n");
  // The file grows after it was chosen and before it is read.
  await page.route("**/carbon-report/worker.js", async (route) => {
    appendFileSync(changed, "2025-06-12T14:00:00Z,250\n");
    await route.continue();
  });
  await open("/drop.html");
  const log = readFileSync(GPU_NODE[1]);
  const packed = gzipSync(log);
  const folder = mkdtempSync(join(tmpdir(), "card-"));
  const made = { "cut.csv.gz": packed.subarray(0, packed.length - 40), "bomb.csv.gz": gzipSync(Buffer.concat([log, Buffer.alloc(100 << 20)])), "line.csv": Buffer.concat([log.subarray(0, 2000), Buffer.alloc(3 << 20, "9")]) };
  for (const [name, content] of Object.entries(made)) writeFileSync(join(folder, name), content);
  await choose(page, [...Object.keys(made).map((name) => join(folder, name)), changed, GPU_NODE[1]]);
  const text = await shown(page);
  assert.match(text, /This training emitted about/);
  for (const [name, said] of [["cut.csv.gz", /ends early[^\n]*cut\.csv\.gz/], ["bomb.csv.gz", /unpacks to more than 200 times[^\n]*bomb\.csv\.gz/], ["changed.csv", /could not be read[^\n]*changed\.csv/], ["line.csv", /line\.csv/]]) assert.match(text, said, name);
  await picture(page, "broken-files");
});

await check("after a trap the core is started anew, the card says so, and the page goes on", async (page, open) => {
  await open("/drop.html");
  await choose(page, GPU_NODE);
  await shown(page);
  await page.locator("carbon-card .what-if input[name=region]").fill("SE");
  await page.keyboard.press("Enter");
  await page.locator("carbon-card output", { hasText: "it was started anew" }).waitFor();
  await page.locator("carbon-card .drop input[name=region]").fill("SE");
  await page.keyboard.press("Tab");
  await page.locator("carbon-card dd", { hasText: /^Sweden$/ }).waitFor();
}, { server: traps });

await check("a policy that refuses WebAssembly is named, and the report stays", async (page, open, console_) => {
  await open("/src.html");
  await shown(page);
  await page.locator("carbon-card input[name=region]").fill("SE");
  await page.keyboard.press("Enter");
  await page.locator("carbon-card output", { hasText: "'wasm-unsafe-eval' in script-src" }).waitFor();
  console_.length = 0; // Chromium itself logs the refusal.
}, { server: noWasm });

for (const [scheme, width] of [["light", 1280], ["dark", 390]]) {
  await check(`the page, ${scheme}, ${width} px wide, with an example`, async (page, open) => {
    await open("/");
    const example = page.locator("#card carbon-card .card");
    await example.waitFor();
    assert.match(await example.innerText(), /This training emitted about/);
    await picture(page, `page-${scheme}-${width}`);
    await accessible(page);
    await page.getByRole("button", { name: "Read these logs" }).click();
    await page.locator("#card").getByRole("button", { name: "Copy Markdown" }).waitFor();
    assert.equal(await example.isVisible(), false);
    const text = await shown(page);
    assert.match(text, /This training emitted about/);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "the page scrolls sideways");
    await accessible(page);
    await picture(page, `page-${scheme}-${width}-result`);
  }, { scheme, viewport: { width, height: 900 } });
}

await check("the page without logs: tabs by keyboard, an estimate as a link, and back from it", async (page, open) => {
  await open("/");
  await page.getByRole("tab", { name: "I have logs" }).focus();
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.getByRole("tab", { name: "I have no logs" }).getAttribute("aria-selected"), "true");
  await page.getByRole("button", { name: /eight A100/ }).click();
  await page.locator("#estimated .card").waitFor();
  await page.getByRole("button", { name: "Copy a link" }).click();
  await page.getByRole("button", { name: "Link copied" }).waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(link, /#gpu=A100-SXM4-80GB&count=8&hours=24&region=gcp%3Aeurope-west4$/);
  const number = await page.locator("#estimated .figure").innerText();
  await page.goto("about:blank");
  await page.goto(link);
  await page.locator("#estimated .card").waitFor();
  assert.equal(await page.locator("#estimated .figure").innerText(), number);
  assert.equal(await page.locator("#estimated input[name=gpu]").inputValue(), "A100-SXM4-80GB");
  await accessible(page);
  const columns = () => page.locator("#estimated .fields.wide").evaluate((fields) => getComputedStyle(fields).gridTemplateColumns.split(" ").length);
  assert.equal(await columns(), 4);
  await page.setViewportSize({ width: 480, height: 900 });
  assert.equal(await columns(), 2);
  await picture(page, "page-estimate");
});

await check("a hostile link fills fields and does nothing else", async (page, open) => {
  await open(`/#gpu=${encodeURIComponent(HOSTILE)}&hours=24&title=${encodeURIComponent(HOSTILE)}&onclick=alert(1)&__proto__=x`);
  await page.locator("#estimated #gpu-problem:not(:empty)").waitFor();
  await page.locator("#estimated input[name=gpu]").fill("A100");
  await page.locator("#estimated .card").waitFor();
  assert.ok((await page.locator("#estimated .title").innerText()).includes("<img src=x onerror=alert(1)>"));
  assert.deepEqual(await page.evaluate(() => window.hits), []);
  await open("/#%E0%A4%A&gpu=%ff");
  await page.locator("#estimated .estimate").waitFor();
});

await browser.close();
strict.close();
traps.close();
noWasm.close();
if (failed > 0) {
  console.log(`${failed} failed`);
  process.exit(1);
}
