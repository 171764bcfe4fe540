/** The venue refuses frames above 32 kB. */
export const MOST_FRAME_BYTES = 32 * 1024;

const SCALE = 1e8;
const DIGITS = 8;
/** What a few operations on decimals miss them by, a part of the value; and no more than this, where doubles stand wider apart. */
const LEFT_BEHIND = 1e-15;
const MOST_LEFT_BEHIND = 1e-10;
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

  /**
   * A number as JSON. Those with up to eight decimals, which prices and amounts are, make no string on the way; what adding and multiplying leaves
   * behind such a decimal is no part of it, and an amount of 0.30000000000000004 would be refused.
   */
  number(value: number): void {
    const scaled = Math.round(value * SCALE);
    const off = Math.abs(scaled / SCALE - value);
    if (
      !(Math.abs(scaled) < Number.MAX_SAFE_INTEGER && off <= LEFT_BEHIND * Math.abs(value) && off < MOST_LEFT_BEHIND)
    ) {
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
