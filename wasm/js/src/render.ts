/**
 * Documents of a report: Markdown, HTML, JSON, front matter and others, the same bytes as the command writes.
 *
 * @packageDocumentation
 */
import * as glue from "./generated/documents/documents.js";
import * as htmlGlue from "./generated/html/html.js";
import type { Report } from "./generated/report.js";
import { Instance, type WasmSource } from "./instance.js";
import type { DocumentFormat, DocumentOptions } from "./options.js";

export { CarbonError, type CarbonErrorCode } from "./error.js";
export type { Report } from "./generated/report.js";
export type { DocumentFormat, DocumentOptions } from "./options.js";

const documents = new Instance(glue, async () => (await import("./inlined-documents.js")).default);
const html = new Instance(htmlGlue, async () => (await import("./inlined-html.js")).default);

/** Modules as given, instead of those in the package itself. */
export interface DocumentModules {
  /** `carbon-report/documents.wasm`. */
  documents?: WasmSource;
  /** `carbon-report/html.wasm`, which HTML alone needs. */
  html?: WasmSource;
}

/** Loads the part that writes documents, once. What makes HTML is loaded with the first HTML document. */
export async function load(modules: DocumentModules = {}): Promise<void> {
  given = modules.html ?? given;
  await documents.start(modules.documents);
}
let given: WasmSource | undefined;

/** Makes a document of a report. */
export async function render(report: Report, format: DocumentFormat, options: DocumentOptions = {}): Promise<string> {
  await Promise.all([load(), format === "html" ? html.start(given) : undefined]);
  const toHtml = (markdown: string) => html.call((c) => c.markdown_to_html(markdown));
  return documents.call((c) => c.render(report, format === "front-matter" ? "yaml" : format, options, format === "html" ? toHtml : undefined));
}
