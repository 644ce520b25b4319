// The report that the page shows before anything is dropped. Run by `cargo run -p xtask -- page`: node example.mjs OUT
import { readFile, writeFile } from "node:fs/promises";
import { account } from "../../wasm/js/dist/index.js";

const logs = ["emissions.csv", "gpu.csv"].map(async (name) => ({ path: `logs/${name}`, data: await readFile(new URL(`../gpu-node/logs/${name}`, import.meta.url)) }));
await writeFile(process.argv[2], JSON.stringify(await account(await Promise.all(logs))));
