// The examples of the README run, and print what they say.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

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
