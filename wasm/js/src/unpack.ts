/** gzip and zstd as streams, with their checksums. A chunk of its own: most logs are not packed. */
import { Decompress } from "fzstd";
import { ZStream, zlibInflate, zlibInflateInit2 } from "pako";
import xxhash from "xxhash-wasm";

/** The next bytes; `undefined` at the end. */
export type Source = () => Promise<Uint8Array | undefined>;

/** Yields what is unpacked; gives what is wrong with the stream, as the command words it. */
export type Unpacked = AsyncGenerator<Uint8Array, string | undefined>;

const ENDS_EARLY = "ends early";
const damaged = (why: string) => `is damaged (${why})`;

/** Unpacked bytes that are handed over at once. */
const PIECE = 64 << 10;

/** Window bits of zlib that allow gzip alone. */
const GZIP = 15 + 16;

/** Members of a gzip file. */
export async function* gunzip(next: Source): Unpacked {
  const stream = new ZStream();
  let inside = false;
  for (let given = await next(); given !== undefined; given = await next()) {
    stream.input = given;
    stream.next_in = 0;
    stream.avail_in = given.length;
    // Input may be used up while output is still held back: then the last piece was full.
    for (let full = false; stream.avail_in > 0 || full; ) {
      if (!inside) zlibInflateInit2(stream, GZIP);
      inside = true;
      stream.output = new Uint8Array(PIECE);
      stream.next_out = 0;
      stream.avail_out = PIECE;
      const status = zlibInflate(stream, 0);
      full = stream.avail_out === 0;
      if (stream.next_out > 0) yield stream.output.subarray(0, stream.next_out);
      if (status === 1) inside = full = false;
      else if (status < 0 && status !== -5) return damaged(WORDS[stream.msg] ?? "corrupt deflate stream");
    }
  }
  return inside ? ENDS_EARLY : undefined;
}

/** zlib's words, where the command has others. */
const WORDS: Record<string, string> = {
  "incorrect data check": "corrupt gzip stream does not have a matching checksum",
  "incorrect length check": "corrupt gzip stream does not have a matching checksum",
  "incorrect header check": "invalid gzip header",
  "header crc mismatch": "invalid gzip header",
  "unknown compression method": "invalid gzip header",
  "unknown header flags set": "invalid gzip header",
};

/** A window larger than this is no log's, and would be held in memory. */
const LARGEST_WINDOW = 100 << 20;

/** Frames of a zstd file. They are taken apart here, block by block, so that windows are bounded and checksums looked at. */
export async function* unzstd(next: Source): Unpacked {
  const bytes = new Bytes(next);
  const { create64 } = await xxhash();
  try {
    while (await bytes.more()) {
      const magic = number(await bytes.take(4));
      if (magic >>> 4 === 0x184d2a5) {
        for (let left = number(await bytes.take(4)); left > 0; ) left -= (await bytes.take(Math.min(left, PIECE))).length;
        continue;
      }
      if (magic !== 0xfd2fb528) return damaged("invalid zstd frame");
      const { header, hasChecksum, window } = await headerOf(bytes);
      if (window > LARGEST_WINDOW) return damaged(`its window of ${window} bytes is larger than ${LARGEST_WINDOW}`);
      const hash = create64();
      let pieces: Uint8Array[] = [];
      const frame = new Decompress((piece) => piece.length > 0 && pieces.push(piece));
      let head: Uint8Array | undefined = header;
      for (let last = false; !last; head = undefined) {
        const start = await bytes.take(3);
        last = (start[0]! & 1) === 1;
        const kind = (start[0]! >> 1) & 3;
        const block = await bytes.take(kind === 1 ? 1 : number(start) >> 3);
        const checksum = last && hasChecksum ? await bytes.take(4) : new Uint8Array();
        try {
          frame.push(joined([head ?? new Uint8Array(), start, block, checksum]), last);
        } catch (error) {
          return damaged((error as Error).message);
        }
        for (const piece of pieces) hash.update(piece);
        yield* pieces;
        pieces = [];
        if (checksum.length > 0 && number(checksum) !== Number(hash.digest() & 0xffffffffn)) return damaged("its checksum is another one");
      }
    }
  } catch (error) {
    if (error === early) return ENDS_EARLY;
    throw error;
  }
  return undefined;
}

/** The header of a frame with its magic number, behind which `bytes` stand. */
async function headerOf(bytes: Bytes): Promise<{ header: Uint8Array; hasChecksum: boolean; window: number }> {
  const descriptor = await bytes.take(1);
  const flags = descriptor[0]!;
  const isSingle = (flags & 32) !== 0;
  const [dictionary, content] = [[0, 1, 2, 4][flags & 3]!, [isSingle ? 1 : 0, 2, 4, 8][flags >> 6]!];
  const rest = await bytes.take((isSingle ? 0 : 1) + dictionary + content);
  const size = rest.subarray(rest.length - content).reduceRight((sum, byte) => sum * 256 + byte, 0);
  const base = 2 ** (10 + (rest[0]! >> 3));
  const window = isSingle ? size : base + (base / 8) * (rest[0]! & 7);
  return { header: joined([MAGIC, descriptor, rest]), hasChecksum: (flags & 4) !== 0, window };
}

const MAGIC = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd);

/** The source ended inside a frame. */
const early = new Error(ENDS_EARLY);

/** A source by exact counts of bytes. */
class Bytes {
  #rest: Uint8Array = new Uint8Array();

  constructor(private readonly next: Source) {}

  /** Whether there are any. */
  async more(): Promise<boolean> {
    while (this.#rest.length === 0) {
      const given = await this.next();
      if (given === undefined) return false;
      // What was taken must outlive the source's buffer.
      this.#rest = given.slice();
    }
    return true;
  }

  /** So many of them; throws {@link early} where there are fewer. */
  async take(count: number): Promise<Uint8Array> {
    const taken: Uint8Array[] = [];
    for (let left = count; left > 0; ) {
      if (!(await this.more())) throw early;
      const some = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(some.length);
      left -= some.length;
      taken.push(some);
    }
    return taken.length === 1 ? taken[0]! : joined(taken);
  }
}

function joined(parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Little-endian, up to four bytes. */
function number(bytes: Uint8Array): number {
  return bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
}
