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

/** Unpacks as bytes come. What was unpacked before damage is still yielded; then it throws. */
export async function* unpacked(pieces: AsyncIterator<Uint8Array>, packing: Packing): AsyncGenerator<Uint8Array> {
  const unpacker = new DecompressionStream(packing as CompressionFormat);
  const writer = unpacker.writable.getWriter();
  const feeding = (async () => {
    try {
      for (let next = await pieces.next(); !next.done; next = await pieces.next()) await writer.write(next.value as Uint8Array<ArrayBuffer>);
      await writer.close();
    } catch (error) {
      await writer.abort(error).catch(() => undefined);
      throw error;
    }
  })();
  feeding.catch(() => undefined);
  const reader = unpacker.readable.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  await feeding;
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
