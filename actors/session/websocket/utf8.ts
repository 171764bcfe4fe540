/** Of a code point's first byte: how many bytes follow it, -1 where none can begin with it. */
function following(first: number): number {
  if (first < 0x80) return 0;
  if (first < 0xc2 || first > 0xf4) return -1;
  return first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
}

/**
 * Whether bytes are UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing beyond U+10FFFF. Node's own check wants a
 * view of the bytes, which is an object a message.
 */
export function isUtf8(bytes: Uint8Array, view: DataView, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    while (at + 4 <= end && (view.getInt32(at, true) & 0x80808080) === 0) at += 4;
    if (at >= end) return true;
    const first = bytes[at]!;
    const count = following(first);
    if (count < 0 || at + count >= end) return false;
    if (count > 0) {
      const second = bytes[at + 1]!;
      const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
      const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
      if (second < least || second > most) return false;
      for (let byte = 2; byte <= count; byte++) if ((bytes[at + byte]! & 0xc0) !== 0x80) return false;
    }
    at += count + 1;
  }
  return true;
}
