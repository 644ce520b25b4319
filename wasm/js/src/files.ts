/** A log file: a name for the report, and its bytes in one of the forms that files come in. */
export interface LogFile {
  /** What the report calls it: relative, with `/`. */
  path: string;
  /** Its bytes. A `Blob` (so a `File`) or bytes can be read twice, which lets rows out of order be read again in order of time. */
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
 * A blob's bytes, a slice at a time, whose memory is given back at once: it would wait for the garbage collector.
 *
 * A stream that fills buffers of the caller's ("byob") would need no more memory, but Chromium forgets such a read when it collects garbage, and never answers it.
 */
async function* ofBlob(blob: Blob): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < blob.size; ) {
    const buffer = await blob.slice(at, at + PIECE).arrayBuffer();
    if (buffer.byteLength === 0) throw new Error(`${blob.size - at} bytes less than its size`);
    at += buffer.byteLength;
    yield new Uint8Array(buffer);
    // What browsers and TypeScript's library before 2024 don't know is left to the collector.
    (buffer as { transfer?(length: number): ArrayBuffer }).transfer?.(0);
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
