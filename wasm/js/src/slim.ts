/**
 * The same API without the module inside: give it as URL, response, bytes or compiled module.
 *
 * @packageDocumentation
 */
import { start, type Carbon } from "./carbon.js";
import type { Tables } from "./factors.js";
import type { WasmSource } from "./instance.js";

export type { Carbon } from "./carbon.js";
export { CarbonError, type CarbonErrorCode } from "./error.js";
export type { Tables } from "./factors.js";
export type { LogData, LogFile, LogFiles } from "./files.js";
export type * from "./generated/report.js";
export type { WasmSource } from "./instance.js";
export type * from "./options.js";

/** Starts the core, once. `wasm` is `carbon-report/carbon.wasm`; `tables` may be your own way to load `carbon-report/tables`. */
export function load(wasm: WasmSource, tables?: () => Promise<Tables>): Promise<Carbon> {
  return start(async () => wasm, tables ?? (async () => (await import("./tables.js")).tables));
}
