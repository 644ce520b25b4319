// A module that fails on purpose, to see what comes after.
import assert from "node:assert/strict";

/** The module with one exported function made to fail: its body is `unreachable`. */
export function broken(wasm, name) {
  const bytes = Buffer.from(wasm);
  let at = 8;
  const leb = () => {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  const text = () => {
    const length = leb();
    at += length;
    return bytes.toString("utf8", at - length, at);
  };
  const limits = () => {
    const flags = leb();
    leb();
    if (flags & 1) leb();
  };
  let imported = 0;
  let index;
  while (at < bytes.length) {
    const id = bytes[at++];
    const end = leb() + at;
    if (id === 2) {
      for (let n = leb(); n > 0; n -= 1) {
        text();
        text();
        const kind = bytes[at++];
        if (kind === 0) imported += 1;
        if (kind === 1) at += 1;
        if (kind === 1 || kind === 2) limits();
        else if (kind === 3) at += 2;
        else leb();
      }
    } else if (id === 7) {
      for (let n = leb(); n > 0; n -= 1) {
        const exported = text();
        at += 1;
        const function_ = leb();
        if (exported === name) index = function_;
      }
    } else if (id === 10) {
      leb();
      for (let i = imported; i < index; i += 1) {
        const size = leb();
        at += size;
      }
      const size = leb();
      const body = at;
      for (let groups = leb(); groups > 0; groups -= 1) {
        leb();
        at += 1;
      }
      bytes[at] = 0x00; // unreachable
      bytes.fill(0x01, at + 1, body + size - 1); // nop
    }
    at = end;
  }
  assert.ok(index !== undefined, `${name} is not exported`);
  return bytes;
}
