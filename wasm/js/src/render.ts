/**
 * Documents of a report: Markdown, HTML, JSON, front matter and others, the same bytes as the command writes.
 *
 * @packageDocumentation
 */
import * as glue from "./generated/documents/documents.js";
import type { Report } from "./generated/report.js";
import { Instance, type WasmSource } from "./instance.js";
import type { DocumentFormat, DocumentOptions } from "./options.js";

export { CarbonError, type CarbonErrorCode } from "./error.js";
export type { Report } from "./generated/report.js";
export type { DocumentFormat, DocumentOptions } from "./options.js";

const documents = new Instance(glue, async () => (await import("./inlined-documents.js")).default);

/** Loads the part that writes documents, once; from the package itself, or from `carbon-report/documents.wasm` as given. */
export function load(wasm?: WasmSource): Promise<void> {
  return documents.start(wasm);
}

/** Makes a document of a report. */
export async function render(report: Report, format: DocumentFormat, options: DocumentOptions = {}): Promise<string> {
  await load();
  return documents.call((c) => c.render(report, format === "front-matter" ? "yaml" : format, options));
}
