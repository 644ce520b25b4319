// What a script of the tests has counted, for the ledger of promises: see tests/src/promises.rs.
import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Whether the tests run at full length. */
export const full = process.env.FULL !== undefined;

export function shown(url, figure) {
  const test = relative(root, fileURLToPath(url)).replaceAll("\\", "/");
  const folder = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "promises");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, test.replaceAll("/", "_")), `${test}\t${figure}\n`);
  console.log(`${test}: ${figure}`);
}
