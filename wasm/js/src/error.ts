/** What went wrong: a setting that can't be used, a report that is none, a document that can't be made. */
export type CarbonErrorCode =
  /** A call was given something that it does not take. */
  | "argument"
  /** A document can't be made of this report. */
  | "document"
  /** The WebAssembly module could not be loaded. */
  | "load"
  /** A setting can't be used; `place` names it. */
  | "setting"
  /** A table of factors can't be used. */
  | "table"
  /** The module failed and was started anew; the input that did it is a bug to report. */
  | "trap";

/** The one error that this package throws, beside an `AbortError` when a signal says so. */
export class CarbonError extends Error {
  override readonly name = "CarbonError";
  /** Kind of error. */
  readonly code: CarbonErrorCode;
  /** What to do. */
  readonly hint: string | undefined;
  /** Setting, file or template, with a line where one is to blame. */
  readonly place: string | undefined;

  constructor(code: CarbonErrorCode, message: string, more: { hint?: string | undefined; place?: string | undefined; cause?: unknown } = {}) {
    super(message, "cause" in more ? { cause: more.cause } : undefined);
    this.code = code;
    this.hint = more.hint;
    this.place = more.place;
  }
}

/** An error as the module throws it, or anything else as it is. */
export function typed(error: unknown): unknown {
  if (error instanceof Error || typeof error !== "object" || error === null || !("code" in error) || !("message" in error)) return error;
  const { code, message, hint, place } = error as { code: CarbonErrorCode; message: string; hint?: string; place?: string };
  return new CarbonError(code, message, { hint, place });
}
