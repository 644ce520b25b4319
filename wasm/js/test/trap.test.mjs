import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { load } from "carbon-report/slim";
import { broken } from "../../../tests/wasm/broken.mjs";

test("after a trap the module is started anew, and says so", async () => {
  const wasm = readFileSync(new URL("../dist/carbon.wasm", import.meta.url));
  const carbon = await load(broken(wasm, "sniff"));
  const log = new TextEncoder().encode("time,gpu0_w\n2025-06-12T14:00:00Z,250\n2025-06-12T14:00:02Z,250\n");
  const before = await carbon.account([{ path: "a.csv", data: log }], { region: "FR" });
  for (let i = 0; i < 3; i += 1) {
    assert.throws(() => carbon.sniff(log), { name: "CarbonError", code: "trap", message: /started anew/ });
    // What needs the tables, which were lost with the old instance, goes on as well.
    assert.deepEqual(await carbon.account([{ path: "a.csv", data: log }], { region: "FR" }), before);
    assert.ok((await carbon.regions()).length > 100);
  }
  // One that is under way when the module fails is told, too, and no other result comes out of it.
  async function* interrupted() {
    yield log.subarray(0, 40);
    assert.throws(() => carbon.sniff(log), { code: "trap" });
    yield log.subarray(40);
  }
  await assert.rejects(carbon.account([{ path: "a.csv", data: interrupted() }]), { name: "CarbonError", code: "trap", message: /started anew/ });
  assert.deepEqual(await carbon.account([{ path: "a.csv", data: log }], { region: "FR" }), before);
});
