import { Unreadable, isRereadable, pieces, sizeOf, type LogData, type LogFile, type LogFiles } from "./files.js";
import type { Factors, LogReader, Session } from "./generated/carbon/carbon.js";
import type * as glue from "./generated/carbon/carbon.js";
import type { Report } from "./generated/report.js";
import type { Instance } from "./instance.js";
import type { AccountHandlers, AccountOptions } from "./options.js";
import { Bomb, Damaged, packingOf, unpacked, type Packing } from "./packing.js";
import { offsetsOf } from "./zone.js";

/** @internal Reads files one after the other and accounts for them. */
export async function account(
  core: Instance<typeof glue>,
  factors: Factors,
  files: LogFiles,
  options: AccountOptions,
  { signal, onProgress }: AccountHandlers,
): Promise<Report> {
  const { tz, factors: userTables = [], ...plain } = options;
  const settings = tz === undefined ? plain : { ...plain, offsets: offsetsOf(tz) };
  const session = core.call((c) => {
    const tables = [...userTables].reverse().reduce((set, { name, csv }) => set.with_user_table(name, csv), factors);
    return new c.Session(tables, settings);
  });
  try {
    const again = new Map<string, LogData>();
    const known = Array.isArray(files) ? (files as LogFile[]).map((file) => sizeOf(file.data)) : [undefined];
    const total = known.reduce<number | undefined>((sum, size) => (sum === undefined || size === undefined ? undefined : sum + size), 0);
    let bytes = 0;
    let done = 0;
    for await (const { path, data } of files) {
      if (isRereadable(data)) again.set(path, data);
      const size = await read(core, session, path, data, signal, (piece) => {
        bytes += piece;
        onProgress?.({ path, files: done, bytes, total });
      });
      // What was left unread of a file that is no log counts as done.
      bytes += Math.max(0, (sizeOf(data) ?? size) - size);
      done += 1;
      onProgress?.({ path, files: done, bytes, total });
    }
    await putInOrder(core, session, again, signal);
    return core.call(() => session.report()) as Report;
  } finally {
    free(session);
  }
}

/** Reads one file; gives the bytes that were read. */
async function read(
  core: Instance<typeof glue>,
  session: Session,
  path: string,
  data: LogData,
  signal: AbortSignal | undefined,
  progress: (bytes: number) => void,
): Promise<number> {
  const reader = core.call(() => session.open(path));
  let size = 0;
  let open = true;
  try {
    const { whole, packing } = await opened(pieces(data, signal));
    const told = (piece: Uint8Array) => {
      size += piece.length;
      progress(piece.length);
      return piece;
    };
    let wanted = true;
    if (packing === undefined) {
      for await (const piece of whole) {
        wanted = core.call(() => reader.read(told(piece)));
        if (!wanted) break;
      }
    } else {
      const hashed = (async function* () {
        for await (const piece of whole) {
          core.call(() => reader.hash(told(piece)));
          yield piece;
        }
      })();
      for await (const piece of unpackedUntilDamage(hashed, packing, (message) => reader.cut(message))) {
        wanted = core.call(() => reader.push(piece));
        if (!wanted) break;
      }
    }
    open = false;
    core.call(() => reader.finish(wanted ? undefined : (sizeOf(data) ?? size)));
  } catch (error) {
    if (!(error instanceof Bomb || error instanceof Damaged || error instanceof Unreadable)) throw error;
    const hint = error instanceof Bomb ? "unpack it and look at it" : error instanceof Damaged ? "check permissions, or unpack it first" : "choose it again once nothing writes to it";
    core.call(() => session.unread(path, sizeOf(data) ?? size, error.message, hint));
  } finally {
    if (open) free(reader);
  }
  return size;
}

/** First bytes that tell how a file is packed. */
const MAGIC_BYTES = 4;

/** The bytes of a file, all of them, and how they are packed. */
async function opened(source: AsyncGenerator<Uint8Array>): Promise<{ whole: AsyncGenerator<Uint8Array>; packing: Packing | undefined }> {
  const head: Uint8Array[] = [];
  for (let size = 0; size < MAGIC_BYTES; size += head.at(-1)!.length) {
    const { done, value } = await source.next();
    if (done) break;
    // One that is good for a moment only, where another is asked for.
    head.push(value.length < MAGIC_BYTES ? value.slice() : value);
  }
  const whole = (async function* () {
    yield* head;
    yield* source;
  })();
  return { whole, packing: packingOf(Uint8Array.from(head.flatMap((piece) => [...piece.subarray(0, MAGIC_BYTES)]))) };
}

/** What a packed file holds; of a damaged one what comes before the damage, and then `cut`. */
async function* unpackedUntilDamage(packed: AsyncGenerator<Uint8Array>, packing: Packing, cut: (message: string) => void): AsyncGenerator<Uint8Array> {
  let any = false;
  try {
    for await (const piece of unpacked(packed, packing)) {
      any = true;
      yield piece;
    }
  } catch (error) {
    if (!(error instanceof Damaged)) throw error;
    // The rest belongs to the file's hash.
    for await (const _ of packed);
    if (!any) throw error;
    cut(error.message);
  }
}

/** The bytes as they are to be read: unpacked, where the file is packed. */
async function* plain(source: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { whole, packing } = await opened(source);
  yield* packing === undefined ? whole : unpackedUntilDamage(whole, packing, () => undefined);
}

/** Files whose rows are out of order are read again, in order of time. */
async function putInOrder(core: Instance<typeof glue>, session: Session, again: Map<string, LogData>, signal?: AbortSignal): Promise<void> {
  for (const path of core.call(() => session.unordered())) {
    const data = again.get(path);
    if (data === undefined) continue;
    const reordering = core.call(() => session.reorder(path));
    let open = true;
    try {
      do {
        for await (const piece of plain(pieces(data, signal))) core.call(() => reordering.push(piece));
      } while (core.call(() => reordering.end_pass()));
      open = false;
      core.call(() => reordering.finish());
    } finally {
      if (open) free(reordering);
    }
  }
}

/** What lived in an instance that failed is gone with it. */
function free(object: Session | LogReader | { free(): void }): void {
  try {
    object.free();
  } catch {
    // Nothing is left to free.
  }
}
