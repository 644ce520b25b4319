import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { account, CarbonError, load, render } from "carbon-report";
import { account as accountInWorker } from "carbon-report/worker";

/** 100 W for 36 s are 3600 J, 1 Wh: by hand. */
const LOG = `timestamp, index, power.draw [W]\n${Array.from({ length: 37 }, (_, i) => `2025/06/12 14:00:${String(i).padStart(2, "0")}.000, 0, 100.00 W\n`).join("")}`;
const bytes = new TextEncoder().encode(LOG);
const kwh = (report) => report.energy.logged_kwh.value;

async function* inChunks(size) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test("every form of data gives the same report", async () => {
  const forms = [new Blob([bytes]), bytes, new Blob([bytes]).stream(), inChunks(1), inChunks(13)];
  const reports = await Promise.all(forms.map((data) => account([{ path: "gpu.csv", data }], { region: "FR" })));
  for (const report of reports) assert.deepEqual(report, reports[0]);
  assert.equal(kwh(reports[0]), 0.001);
});

test("files may come as they are found, and their order leaves no trace", async () => {
  const other = bytes.map((b) => b); // same content: counted once
  const files = [{ path: "b/gpu.csv", data: bytes }, { path: "a/gpu.csv", data: other }];
  async function* found() {
    yield* files;
  }
  const report = await account(found());
  assert.deepEqual(report, await account([...files].reverse()));
  assert.equal(kwh(report), 0.001);
  assert.ok(report.quality.some(({ code }) => code === "duplicate-file"));
});

test("packed files are unpacked, hashed as given, and damage is told", async () => {
  const packed = gzipSync(bytes);
  const whole = await account([{ path: "gpu.csv.gz", data: packed }]);
  assert.equal(kwh(whole), 0.001);
  assert.equal(whole.inputs[0].bytes, packed.length);
  const cut = await account([{ path: "gpu.csv.gz", data: packed.subarray(0, packed.length - 12) }]);
  assert.ok(cut.quality.some(({ code }) => code === "input-truncated"), JSON.stringify(cut.quality));
  const bomb = await account([{ path: "zeros.csv.gz", data: gzipSync(Buffer.concat([bytes, Buffer.alloc(100 << 20)])) }, { path: "gpu.csv", data: bytes }]);
  assert.ok(bomb.quality.some(({ code, place }) => code === "file-unreadable" && place === "zeros.csv.gz"), JSON.stringify(bomb.quality));
  assert.equal(kwh(bomb), 0.001);
});

test("members and frames are one file, whatever the pieces, and a checksum that differs is told", async () => {
  const frames = readFileSync(new URL("../../../tests/bad/zstd-two-frames/logs/gpu.csv.zst", import.meta.url));
  const members = Buffer.concat([gzipSync(bytes.subarray(0, 500)), gzipSync(bytes.subarray(500))]);
  async function* inPieces(data, size) {
    for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
  }
  for (const data of [frames, members]) {
    for (const size of [1, 7, data.length]) {
      const report = await account([{ path: "gpu.csv", data: inPieces(data, size) }]);
      assert.equal(kwh(report), 0.001);
      assert.ok(!report.quality.some(({ code }) => code === "input-truncated"));
    }
    const wrong = Buffer.from(data);
    wrong[data.length - (data === frames ? 1 : 6)] ^= 1;
    const report = await account([{ path: "gpu.csv", data: wrong }]);
    assert.match(report.quality.find(({ code }) => code === "input-truncated").message, /damaged \(.*checksum/);
    assert.equal(kwh(report), 0.001);
  }
  const window = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0xf8, 1, 0, 0);
  assert.match(JSON.stringify((await account([{ path: "a.zst", data: window }])).quality), /its window of \d+ bytes is larger/);
});

test("local stamps take the platform's time zones", async () => {
  const { period } = await account([{ path: "gpu.csv", data: bytes }], { tz: "Europe/Paris" });
  assert.match(JSON.stringify(period), /2025-06-12T12:00:00/);
  const { period: fixed } = await account([{ path: "gpu.csv", data: bytes }], { tz: "-05:30" });
  assert.match(JSON.stringify(fixed), /2025-06-12T19:30:00/);
});

test("progress comes to the whole", async () => {
  const seen = [];
  await account([{ path: "a.csv", data: bytes }, { path: "notes.txt", data: new TextEncoder().encode("no log") }], {}, { onProgress: (p) => seen.push(p) });
  assert.deepEqual(seen.at(-1), { path: "notes.txt", files: 2, bytes: bytes.length + 6, total: bytes.length + 6 });
});

test("a signal ends it, before and during", async () => {
  await assert.rejects(account([{ path: "a.csv", data: bytes }], {}, { signal: AbortSignal.abort() }), { name: "AbortError" });
  const cancel = new AbortController();
  const going = account([{ path: "a.csv", data: inChunks(10) }], {}, { signal: cancel.signal, onProgress: () => cancel.abort(new Error("enough")) });
  await assert.rejects(going, { message: "enough" });
  assert.equal(kwh(await account([{ path: "gpu.csv", data: bytes }])), 0.001);
});

test("a source that fails is the caller's own error", async () => {
  async function* failing() {
    yield bytes.subarray(0, 100);
    throw new Error("the disk is gone");
  }
  await assert.rejects(account([{ path: "a.csv", data: failing() }]), { message: "the disk is gone" });
});

test("settings that can't be used are told, with a way out", async () => {
  const wrong = async (options) => account([], options).then(assert.fail, (error) => error);
  for (const [options, place, hint] of [
    [{ region: "Frnace" }, "region", /FR \(France\)/],
    [{ pue: 0.4 }, "pue", /1\.0 to 3\.0/],
    [{ hosts: { a: { pue: 9 } } }, "pue", /1\.0 to 3\.0/],
    [{ intensity_g_per_kwh: -3 }, "intensity_g_per_kwh", /41 for France/],
    [{ tz: "Mars/Olympus" }, "tz", undefined],
    [{ from: "noon" }, "from", undefined],
    [{ interval_s: 0 }, "interval_s", undefined],
    [{ basis: "both" }, "basis", undefined],
    [{ regoin: "FR" }, "regoin", undefined],
    [{ compare: ["SE", "Frnace"] }, "region", /FR \(France\)/],
    [{ carbon_budget_kg: 0 }, "carbon_budget_kg", undefined],
    [{ predict_epochs: 0 }, "predict_epochs", undefined],
    [{ tdp_w: 50000 }, "tdp_w", undefined],
    [{ lifetime_years: 5 }, "lifetime_years", /embodied/],
  ]) {
    const error = await wrong(options);
    assert.ok(error instanceof CarbonError, String(error));
    assert.equal(error.code, "setting");
    assert.equal(error.place, place);
    if (hint) assert.match(error.hint, hint);
  }
  const table = await wrong({ factors: [{ name: "mine.csv", csv: "zone,value\nX,1\n" }] });
  assert.deepEqual([table.code, table.place], ["table", "mine.csv, line 1"]);
  assert.equal((await wrong({ pue: "much" })).code, "argument");
});

test("a table of one's own stands before the built-in one", async () => {
  const csv = "zone,gco2e_per_kwh,basis,year,source\nMYGRID,100,lifecycle,2025,my utility\n";
  const report = await account([{ path: "gpu.csv", data: bytes }], { region: "MYGRID", pue: 1, factors: [{ name: "mine.csv", csv }] });
  assert.equal(report.emissions.operational_kgco2e.value, 0.0001); // 0.001 kWh × 100 g/kWh
});

test("a card tells of other places, a budget, and manufacture where it is asked to", async () => {
  const options = { intensity_g_per_kwh: 1000, pue: 1, compare: ["SE", "gcp:europe-north1"], carbon_budget_kg: 0.004, embodied: true, lifetime_years: 5 };
  const log = LOG.replaceAll(", 0, 100", ", 0, NVIDIA A100-SXM4-80GB, 100").replace("index,", "index, name,");
  const report = await account([{ path: "gpu.csv", data: new Blob([log]) }], options);
  assert.deepEqual(report.comparison.map(({ own }) => own).sort(), [false, false, true]);
  assert.equal(report.carbon_budget.share.value.toFixed(4), (report.emissions.total_kgco2e.value / 0.004).toFixed(4));
  assert.equal(report.carbon_budget.budget_kgco2e, 0.004);
  assert.ok(report.emissions.embodied_kgco2e.value > 0);
  const four = await account([{ path: "gpu.csv", data: new Blob([log]) }], { ...options, lifetime_years: 4 });
  assert.equal((four.emissions.embodied_kgco2e.value / report.emissions.embodied_kgco2e.value).toFixed(9), "1.250000000");
});

test("a training without logs is estimated, and says so", async () => {
  const carbon = await load();
  const report = await carbon.estimate({ phase: [{ gpu: "8x A100-SXM4-80GB", hours: 24 }] }, { region: "FR", pue: 1.1 });
  assert.ok(report.activities.length > 0 && report.activities.every((activity) => activity.basis === "estimated"));
  assert.ok(report.assumptions.some(({ code }) => code === "utilisation"));
  await assert.rejects(carbon.estimate({ phase: [{ gpu: "8x Frobnicator", hours: 24 }] }), { code: "setting", place: "gpu" });
});

test("a report can be asked what if, compared, drawn and written", async () => {
  const carbon = await load();
  const report = await carbon.account([{ path: "gpu.csv", data: bytes }], { region: "FR", pue: 1.2 });
  const same = await carbon.whatIf(report, {});
  assert.equal(same.kgco2e, report.emissions.operational_kgco2e.value);
  const given = await carbon.whatIf(report, { intensity_g_per_kwh: 500, pue: 2 });
  assert.equal(given.kgco2e, 0.001); // 0.001 kWh × 2 × 500 g
  const rows = await carbon.compare(report, [{ region: "SE" }, { region: "PL" }]);
  assert.equal(rows.length, 3);
  assert.deepEqual(rows.map((row) => row.kgco2e), rows.map((row) => row.kgco2e).sort((a, b) => a - b));
  await assert.rejects(carbon.whatIf(report, { region: "Nowhere at all" }), { code: "setting", place: "region" });
  await assert.rejects(carbon.whatIf({}, { region: "SE" }), { code: "argument", place: "report" });

  assert.match((await carbon.charts(report)).energy, /^<svg[^]*<\/svg>\s*$/);
  assert.deepEqual(JSON.parse(await render(report, "json")), report);
  for (const format of ["markdown", "mdx", "html", "yaml", "csv", "svg"]) assert.ok((await carbon.render(report, format)).length > 40, format);
  assert.equal(await carbon.render(report, "front-matter"), await carbon.render(report, "yaml"));
  await assert.rejects(carbon.render(report, "docx"), { code: "setting", place: "format" });
  await assert.rejects(carbon.render(report, "markdown", { template: "{{ report.nothing }}" }), { code: "document" });
});

test("what is known can be listed", async () => {
  const carbon = await load();
  const ids = carbon.formats().map(({ id }) => id);
  assert.deepEqual(ids, [...ids].sort());
  assert.equal(carbon.sniff(bytes).format, "nvidia_smi_csv");
  assert.equal(carbon.sniff(new TextEncoder().encode("Dear diary,\n")), undefined);
  const places = await carbon.regions();
  // Ember's figure for France is in the table as its row says.
  const table = readFileSync(new URL("../../../data/tables/grid_intensity.csv", import.meta.url), "utf8");
  const france = places.find(({ code }) => code === "FR");
  assert.ok(table.split("\n").some((row) => row.startsWith("FR,") && row.includes(`,${france.year},`) && row.includes(String(france.gco2e_per_kwh))));
  assert.ok(places.some(({ code, provider }) => code === "gcp:europe-west4" && provider === "gcp"));
  assert.ok((await carbon.hardware()).some(({ model, tdp_w }) => model === "A100-SXM4-80GB" && tdp_w === 400));
});

test("where there is no worker, the same thread does it", async () => {
  const files = [{ path: "gpu.csv", data: new Blob([bytes]) }];
  assert.deepEqual(await accountInWorker(files, { region: "FR" }), await account(files, { region: "FR" }));
});
