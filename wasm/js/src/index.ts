/**
 * The carbon section of a model card, from the logs of a training run.
 *
 * @packageDocumentation
 */
import { start, type Carbon } from "./carbon.js";
import type { LogFiles } from "./files.js";
import type { Report } from "./generated/report.js";
import type { AccountHandlers, AccountOptions, DocumentFormat, DocumentOptions } from "./options.js";

export type { Carbon } from "./carbon.js";
export { CarbonError, type CarbonErrorCode } from "./error.js";
export type { Tables } from "./factors.js";
export type { LogData, LogFile, LogFiles } from "./files.js";
export type * from "./generated/report.js";
export type * from "./options.js";

/** Starts the core, once; later calls give the same one. The module's bytes are inside the package: nothing is fetched by URL. */
export function load(): Promise<Carbon> {
  return start(
    async () => (await import("./inlined.js")).default,
    async () => (await import("./tables.js")).tables,
  );
}

/** {@link Carbon.account}, on the core that {@link load} gives. */
export async function account(files: LogFiles, options?: AccountOptions, handlers?: AccountHandlers): Promise<Report> {
  return (await load()).account(files, options, handlers);
}

/** {@link Carbon.render}, without the accounting. */
export async function render(report: Report, format: DocumentFormat, options?: DocumentOptions): Promise<string> {
  return (await import("./render.js")).render(report, format, options);
}
