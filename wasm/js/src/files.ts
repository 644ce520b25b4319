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

/** The buffer that a file is read into: it and what is made of it stay in the processor's cache. */
const BUFFER = 1 << 18;

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

/** The bytes in pieces, each good until the next one is asked for, with room for the event loop between them. */
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
  if (data instanceof Blob) {
    try {
      for await (const piece of ofBlob(data)) {
        signal?.throwIfAborted();
        yield piece;
      }
    } catch (cause) {
      if (signal?.aborted) throw cause;
      // Browsers give no reason, or a wrong one ("network error").
      throw new Unreadable("the file could not be read: it changed since it was chosen, or it is gone", { cause });
    }
    return;
  }
  // A stream of the caller's own fails as it fails.
  for await (const piece of "getReader" in data ? ofStream(data) : data) {
    signal?.throwIfAborted();
    yield piece;
  }
}

/**
 * A blob's bytes, read into one buffer where the browser can, or memory would wait for the garbage collector.
 *
 * As many as its size says and no read more: one past the end is forgotten by Chromium when it collects garbage, and never answered.
 */
async function* ofBlob(blob: Blob): AsyncGenerator<Uint8Array> {
  let left = blob.size;
  if (left === 0) return;
  const stream = blob.stream();
  const filling = fillingReader(stream);
  if (filling === undefined) return yield* ofStream(stream);
  try {
    for (let buffer = new ArrayBuffer(BUFFER); left > 0; ) {
      const { done, value } = await filling.read(new Uint8Array(buffer));
      if (done) throw new Error(`${left} bytes less than its size`);
      left -= value.length;
      buffer = value.buffer as ArrayBuffer;
      yield value;
    }
  } finally {
    await filling.cancel().catch(() => undefined);
    filling.releaseLock();
  }
}

/** A reader that fills buffers, where the stream has one. */
function fillingReader(stream: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | undefined {
  try {
    return stream.getReader({ mode: "byob" });
  } catch {
    return undefined;
  }
}

/** Not every browser iterates streams. */
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
