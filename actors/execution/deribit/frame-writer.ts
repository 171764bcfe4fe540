/** The venue refuses frames above 32 kB. */
export const MOST_FRAME_BYTES = 32 * 1024;

const SCALE = 1e8;
const DIGITS = 8;
const ZERO = 0x30;
const POINT = 0x2e;
const MINUS = 0x2d;

/** Writes one frame of JSON at a time into memory that is there already. */
export class FrameWriter {
  readonly bytes: Uint8Array;
  length = 0;
  private readonly digits = new Uint8Array(24);

  constructor(capacity = MOST_FRAME_BYTES) {
    this.bytes = new Uint8Array(capacity);
  }

  begin(): void {
    this.length = 0;
  }

  /** Whether this many more bytes fit. */
  hasRoom(bytes: number): boolean {
    return this.length + bytes <= this.bytes.length;
  }

  frame(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** Text that is ASCII and needs no escaping: ours, and the venue's names. */
  text(text: string): void {
    const { bytes } = this;
    let at = this.length;
    for (let index = 0; index < text.length; index++) bytes[at++] = text.charCodeAt(index);
    this.length = at;
  }

  copy(from: Uint8Array): void {
    this.bytes.set(from, this.length);
    this.length += from.length;
  }

  /** A number as JSON. Those with up to eight decimals, which prices and amounts are, make no string on the way. */
  number(value: number): void {
    const scaled = Math.round(value * SCALE);
    if (!(Math.abs(scaled) < Number.MAX_SAFE_INTEGER && scaled / SCALE === value)) {
      this.text(String(value));
      return;
    }
    const { bytes, digits } = this;
    if (scaled < 0) bytes[this.length++] = MINUS;
    let rest = Math.abs(scaled);
    let count = 0;
    while (rest > 0 || count <= DIGITS) {
      const next = Math.floor(rest / 10);
      digits[count++] = rest - 10 * next;
      rest = next;
    }
    let at = count - 1;
    for (; at >= DIGITS; at--) bytes[this.length++] = ZERO + digits[at]!;
    let last = 0;
    while (last < DIGITS && digits[last] === 0) last++;
    if (last === DIGITS) return;
    bytes[this.length++] = POINT;
    for (; at >= last; at--) bytes[this.length++] = ZERO + digits[at]!;
  }
}
