/** A log file: a name for the report, and its bytes in one of the forms that files come in. */
export interface LogFile {
  /** What the report calls it: relative, with `/`. */
  path: string;
  /** Its bytes. A `Blob` (so a `File`) or bytes can be read twice, which lets overlapping files of one device be joined exactly. */
  data: LogData;
}

/** Bytes of a file. */
export type LogData = Blob | Uint8Array | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** Files in any order: the order leaves no trace in the report. */
export type LogFiles = Iterable<LogFile> | AsyncIterable<LogFile>;

/** Bytes that are handed over at once. */
const PIECE = 1 << 20;

/** How long a page may wait for its turn. */
const TURN_MS = 16;

/** The size, where it is known before reading. */
export function sizeOf(data: LogData): number | undefined {
  if (data instanceof Uint8Array) return data.length;
  return data instanceof Blob ? data.size : undefined;
}

/** Whether it can be read a second time. */
export function isRereadable(data: LogData): data is Blob | Uint8Array {
  return data instanceof Uint8Array || data instanceof Blob;
}

/** A file that the platform does not read to its end. */
export class Unreadable extends Error {}

/** The bytes in pieces, with room for the event loop between them. */
export async function* pieces(data: LogData, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  signal?.throwIfAborted();
  if (data instanceof Uint8Array) {
    for (let at = 0, turn = performance.now(); at < data.length; at += PIECE) {
      if (performance.now() - turn > TURN_MS) {
        await breathe();
        turn = performance.now();
      }
      signal?.throwIfAborted();
      yield data.subarray(at, at + PIECE);
    }
    return;
  }
  const stream = data instanceof Blob ? data.stream() : data;
  try {
    for await (const piece of "getReader" in stream ? ofStream(stream) : stream) {
      signal?.throwIfAborted();
      yield piece;
    }
  } catch (cause) {
    // A stream of the caller's own fails as it fails. Of a file browsers give no reason, or a wrong one ("network error").
    if (!(data instanceof Blob) || signal?.aborted) throw cause;
    throw new Unreadable("the file could not be read: it changed since it was chosen, or it is gone", { cause });
  }
}

/** Not every browser iterates streams. Not read into a buffer of ours ("byob"), for all the memory that it would save: of some files Chromium never answers. */
async function* ofStream(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield value;
    }
    ended = true;
  } finally {
    if (!ended) await reader.cancel().catch(() => undefined);
    reader.releaseLock();
  }
}

function breathe(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
