import { start } from "./carbon.js";
import { CarbonError } from "./error.js";
import { NoUnpacker } from "./packing.js";
import type { Answer, Order } from "./worker.js";

/** What there is of a worker's global scope here. */
interface Scope {
  postMessage(message: Answer): void;
  addEventListener(type: "message", listener: (event: MessageEvent<Order>) => void): void;
}
const scope = globalThis as unknown as Scope;

/** The page need not hear of progress more often than it can show it. */
const EVERY_MS = 50;

scope.addEventListener("message", ({ data: { module, tables, files, options } }) => {
  scope.postMessage({ kind: "started" });
  let told = 0;
  const onProgress = (progress: import("./options.js").Progress) => {
    const now = performance.now();
    if (progress.files < files.length && now - told < EVERY_MS) return;
    told = now;
    scope.postMessage({ kind: "progress", progress });
  };
  start(async () => module, async () => tables)
    .then((carbon) => carbon.account(files, options, { onProgress }))
    .then(
      (report) => scope.postMessage({ kind: "report", report }),
      (error: unknown) => {
        if (error instanceof NoUnpacker) return scope.postMessage({ kind: "packed" });
        const { message } = error as Error;
        const typed = error instanceof CarbonError ? { code: error.code, hint: error.hint, place: error.place } : {};
        scope.postMessage({ kind: "error", message, ...typed });
      },
    );
});
