// Compiled, never run: what TypeScript accepts of the package, and what it refuses.
import { account, load, type Report } from "carbon-report";
import { load as loadPlanning } from "carbon-report/planning";
import { render } from "carbon-report/render";
import { load as loadSlim } from "carbon-report/slim";
import { attribution, tables } from "carbon-report/tables";
import { account as inWorker } from "carbon-report/worker";

const report: Report = await account([{ path: "a", data: new Blob([]) }], { region: "FR", pue: 1.2 });
const kwh: number | undefined = report.energy?.logged_kwh.value;
const text: string = await render(report, "markdown", { length: "short" });
const again: Report = await inWorker([], {}, { onProgress: ({ bytes }) => bytes.toFixed() });
const rows: number = (await (await load()).compare(again, [{ year: 2020 }])).length;
const zones: string[] = (await (await loadPlanning()).regions()).map((region) => region.code);
await loadSlim(new URL("carbon.wasm", "https://example.org"));
export const all = [kwh, text, rows, zones, attribution, tables.length];

// @ts-expect-error a misspelt option
await account([], { regoin: "FR" });
// @ts-expect-error a text is no data
await account([{ path: "a", data: "text" }]);
// @ts-expect-error no such document
await render(report, "docx");
// @ts-expect-error energy may be absent
report.energy.it_kwh;
