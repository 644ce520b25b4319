/** How a file is packed, by its first bytes. */
export type Packing = "gzip" | "zstd";

/** The packing; `undefined` for plain files. */
export function packingOf(head: Uint8Array): Packing | undefined {
  const [a, b, c, d] = head;
  if (a === 0x1f && b === 0x8b && c === 0x08) return "gzip";
  const isFrame = a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd;
  const isSkippable = a !== undefined && (a & 0xf0) === 0x50 && b === 0x2a && c === 0x4d && d === 0x18;
  return isFrame || isSkippable ? "zstd" : undefined;
}

/** Unpacked bytes for one packed byte, once a file has unpacked to {@link RATIO_FREE_BYTES}: no log comes near. */
const RATIO = 200;
const RATIO_FREE_BYTES = 64 << 20;

/** The compressed stream ends early or is damaged; what came before it stands. */
export class Damaged extends Error {}

/** It unpacks to more than any log does. */
export class Bomb extends Error {}

/** Unpacks as bytes come. What was unpacked before damage is still yielded; then it throws {@link Damaged}. */
export async function* unpacked(pieces: AsyncIterator<Uint8Array>, packing: Packing): AsyncGenerator<Uint8Array> {
  const unpacker = new DecompressionStream(packing as CompressionFormat);
  const writer = unpacker.writable.getWriter();
  let taken = 0;
  let given = 0;
  let source: unknown;
  const feeding = (async () => {
    for (;;) {
      // What the source throws is not damage.
      const next = await pieces.next().catch((error: unknown) => {
        source = error;
        throw error;
      });
      if (next.done) break;
      taken += next.value.length;
      await writer.write(next.value as Uint8Array<ArrayBuffer>);
    }
    await writer.close();
  })();
  feeding.catch((error: unknown) => writer.abort(error).catch(() => undefined));
  const reader = unpacker.readable.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      given += next.value.length;
      if (given > RATIO_FREE_BYTES && given > taken * RATIO) throw new Bomb(`the file unpacks to more than ${RATIO} times its size`);
      yield next.value;
    }
    await feeding;
  } catch (error) {
    if (error instanceof Bomb) throw error;
    throw source ?? new Damaged("the compressed file is damaged or ends early", { cause: error });
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Whether this platform unpacks it. */
export function canUnpack(packing: Packing): boolean {
  try {
    new DecompressionStream(packing as CompressionFormat);
    return true;
  } catch {
    return false;
  }
}
