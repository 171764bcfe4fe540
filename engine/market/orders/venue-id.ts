/** Bytes of a VenueId, and of its words. */
export const VENUE_ID_BYTES = 40;
export const VENUE_ID_WORDS = 10;

/** Writes a venue's id, ASCII of up to 40 bytes; false, and zeros, where it is none. */
export function writeVenueId(view: DataView, offset: number, id: string): boolean {
  const fits = id.length <= VENUE_ID_BYTES && isAscii(id);
  for (let at = 0; at < VENUE_ID_BYTES; at++)
    view.setUint8(offset + at, fits && at < id.length ? id.charCodeAt(at) : 0);
  return fits;
}

export function readVenueId(view: DataView, offset: number): string {
  let id = '';
  for (let at = 0; at < VENUE_ID_BYTES; at++) {
    const byte = view.getUint8(offset + at);
    if (byte === 0) break;
    id += String.fromCharCode(byte);
  }
  return id;
}

/** Copies a VenueId from a record into words; whether it is any id at all. */
export function loadVenueId(view: DataView, offset: number, words: Int32Array, at: number): boolean {
  let any = 0;
  for (let word = 0; word < VENUE_ID_WORDS; word++) {
    const value = view.getInt32(offset + 4 * word, true);
    words[at + word] = value;
    any |= value;
  }
  return any !== 0;
}

export function storeVenueId(words: Int32Array, at: number, view: DataView, offset: number): void {
  for (let word = 0; word < VENUE_ID_WORDS; word++) view.setInt32(offset + 4 * word, words[at + word]!, true);
}

/** FNV-1a over an id's words. */
export function hashVenueId(words: Int32Array, at: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let word = 0; word < VENUE_ID_WORDS; word++) hash = Math.imul(hash ^ words[at + word]!, 0x01000193);
  return hash ^ (hash >>> 15);
}

export function sameVenueId(left: Int32Array, leftAt: number, right: Int32Array, rightAt: number): boolean {
  for (let word = 0; word < VENUE_ID_WORDS; word++) {
    if (left[leftAt + word] !== right[rightAt + word]) return false;
  }
  return true;
}

/** Writes a currency's name, ASCII of up to 8 bytes. */
export function writeCurrency(view: DataView, offset: number, name: string): void {
  for (let at = 0; at < 8; at++) view.setUint8(offset + at, at < name.length ? name.charCodeAt(at) & 0x7f : 0);
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}
