/**
 * Accounting in a Web Worker: for large files, so that the page stays free.
 *
 * @packageDocumentation
 */
import { CarbonError, type CarbonErrorCode } from "./error.js";
import type { Tables } from "./factors.js";
import { isRereadable, type LogFile, type LogFiles } from "./files.js";
import script from "./generated/thread.worker.txt";
import type { Report } from "./generated/report.js";
import { load } from "./index.js";
import type { AccountHandlers, AccountOptions, Progress } from "./options.js";

export { CarbonError, type CarbonErrorCode } from "./error.js";
export type { LogData, LogFile, LogFiles } from "./files.js";
export type { Report } from "./generated/report.js";
export type { AccountHandlers, AccountOptions, Progress } from "./options.js";

/** @internal What a worker is given. */
export interface Order {
  module: WebAssembly.Module;
  tables: Tables;
  files: LogFile[];
  options: AccountOptions;
}

/** @internal What a worker says. */
export type Answer =
  | { kind: "started" }
  | { kind: "progress"; progress: Progress }
  | { kind: "report"; report: Report }
  | { kind: "packed" }
  | { kind: "error"; code?: CarbonErrorCode; message: string; hint?: string | undefined; place?: string | undefined };

/**
 * As `account` of the package, in a worker of its own.
 *
 * Where there can be none (Node, a Content-Security-Policy without `worker-src blob:`, files that are streams), on the same thread,
 * with the same result.
 */
export async function account(files: LogFiles, options: AccountOptions = {}, handlers: AccountHandlers = {}): Promise<Report> {
  const { signal, onProgress } = handlers;
  signal?.throwIfAborted();
  const all: LogFile[] = [];
  for await (const file of files) all.push(file);
  const carbon = await load();
  if (!all.every((file) => isRereadable(file.data))) return carbon.account(all, options, handlers);
  const order: Order = { ...(await carbon.parts()), files: all, options };
  const run = async (unpack?: string): Promise<Report> => {
    // From here to the listeners without a pause: a worker that a policy forbids says so once.
    const worker = thread(unpack);
    if (worker === undefined) return carbon.account(all, options, handlers);
    try {
      return await ask(worker, order, signal, onProgress);
    } catch (error) {
      if (error !== refused) throw error;
      return await carbon.account(all, options, handlers);
    } finally {
      worker.terminate();
    }
  };
  const unpack = async () => (await import("./unpack-script.js")).default;
  try {
    return await run(all.some(({ path }) => /\.(gz|zst)$/i.test(path)) ? await unpack() : undefined);
  } catch (error) {
    if (error !== packed) throw error;
    return await run(await unpack());
  }
}

/** There is a packed file that its name did not tell of. */
const packed = new Error("a file is packed");

/** The worker never started. */
const refused = new Error("the page allows no worker");

/** A worker; `unpack` is the script that lets it unpack. */
function thread(unpack?: string): Worker | undefined {
  if (typeof Worker === "undefined" || typeof URL.createObjectURL !== "function") return undefined;
  const url = URL.createObjectURL(new Blob(unpack === undefined ? [script] : [unpack, script], { type: "text/javascript" }));
  try {
    return new Worker(trusted(url) as string);
  } catch {
    return undefined;
  } finally {
    // The worker has its own hold on the script from here on.
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }
}

/** The address of our own script, where a page asks for trusted types. */
function trusted(url: string): unknown {
  const { trustedTypes } = globalThis as { trustedTypes?: { createPolicy(name: string, rules: object): { createScriptURL(url: string): unknown } } };
  policy ??= trustedTypes?.createPolicy("carbon-report", { createScriptURL: (own: string) => (own.startsWith("blob:") ? own : "") });
  return policy?.createScriptURL(url) ?? url;
}
let policy: { createScriptURL(url: string): unknown } | undefined;

function ask(worker: Worker, order: Order, signal?: AbortSignal, onProgress?: (progress: Progress) => void): Promise<Report> {
  return new Promise((resolve, reject) => {
    let started = false;
    const stop = () => reject(signal?.reason);
    signal?.addEventListener("abort", stop, { once: true });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      reject(started ? new CarbonError("trap", `the worker failed: ${event.message}`) : refused);
    });
    worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
      started = true;
      if (data.kind === "progress") onProgress?.(data.progress);
      else if (data.kind === "report") resolve(data.report);
      else if (data.kind === "packed") reject(packed);
      else if (data.kind === "error") reject(data.code === undefined ? new Error(data.message) : new CarbonError(data.code, data.message, data));
    });
    worker.postMessage(order);
  });
}
