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

/** What unpacks could not be loaded: a worker needs it beside its own script. */
export class NoUnpacker extends Error {}

type Unpacker = typeof import("./unpack.js");

/** A worker finds it before its own script; elsewhere it is loaded with the first packed file. */
async function unpacker(): Promise<Unpacker> {
  const { carbonUnpack } = globalThis as { carbonUnpack?: Unpacker };
  return carbonUnpack ?? import("./unpack.js").catch((cause: unknown) => {
    throw new NoUnpacker("what unpacks gzip and zstd files could not be loaded", { cause });
  });
}

/** Unpacks as bytes come, members and frames one after the other. What was unpacked before damage is still yielded; then it throws {@link Damaged}. */
export async function* unpacked(source: AsyncIterator<Uint8Array>, packing: Packing): AsyncGenerator<Uint8Array> {
  const { gunzip, unzstd } = await unpacker();
  let taken = 0;
  let given = 0;
  const next = async () => {
    const { done, value } = await source.next();
    if (done) return undefined;
    taken += value.length;
    return value;
  };
  const pieces = (packing === "gzip" ? gunzip : unzstd)(next);
  for (let piece = await pieces.next(); ; piece = await pieces.next()) {
    if (piece.done) {
      if (piece.value !== undefined) throw new Damaged(`the compressed file ${piece.value}`);
      return;
    }
    given += piece.value.length;
    if (given > RATIO_FREE_BYTES && given > taken * RATIO) throw new Bomb(`the file unpacks to more than ${RATIO} times its size`);
    yield piece.value;
  }
}
