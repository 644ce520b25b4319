// The examples of the README run, print what they say, and show it in a page.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { open } from "../../../tests/wasm/browser.mjs";

const folder = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const examples = [...readme.matchAll(/```js\n([^]*?)```/g)].map(([, code]) => code);
assert.ok(examples.length >= 4);

for (const code of examples) {
  test(code.split("\n")[0], () => {
    const printed = execFileSync(process.execPath, ["--input-type=module", "-e", code], { cwd: folder, encoding: "utf8" });
    for (const [, expected] of code.matchAll(/^ *console\.log\(.*\); \/\/ (.+)$/gm)) assert.ok(printed.includes(expected), `${printed} lacks ${expected}`);
  });
}

const pages = [...readme.matchAll(/```html\n([^]*?)```/g)].map(([, code]) => code);
const head = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>example</title>\n';

async function inPage(code, body) {
  const report = readFileSync(new URL("../../../tests/reports/full.json", import.meta.url), "utf8");
  const opened = await open({ pages: { "/example.html": head + code, "/report.json": report } });
  try {
    await opened.page.goto(`${opened.origin}/example.html`);
    await body(opened.page, JSON.parse(report));
    assert.deepEqual([...opened.problems, ...opened.foreign], []);
  } finally {
    await opened.close();
  }
}

test("the page reads a folder", async () => {
  await inPage(pages[0], async (page) => {
    const logs = mkdtempSync(join(tmpdir(), "logs-"));
    writeFileSync(join(logs, "power.csv"), "time,gpu0_w\n2025-06-12T14:00:00Z,250\n2025-06-12T14:00:02Z,250\n");
    await page.setInputFiles("#logs", logs);
    await page.waitForFunction(() => document.querySelector("#card").textContent.includes("## Environmental Impact"));
    assert.match(await page.textContent("#card"), /France/);
  });
});

test("the elements show a report, a place to drop and an estimate", async () => {
  await inPage(pages[1], async (page, report) => {
    const cards = page.locator("carbon-card");
    await cards.nth(0).locator(".sentence", { hasText: report.headline.sentence }).waitFor();
    await cards.nth(1).locator("input[type=file]").first().waitFor({ state: "attached" });
    await cards.nth(2).locator(".sentence", { hasText: "By estimate" }).waitFor();
  });
});
