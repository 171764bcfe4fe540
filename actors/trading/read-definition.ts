import type { Instrument } from '../../engine/market/instrument.js';
import { decodeInstrument } from '../../engine/market/instrument-codec.js';
import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';

/** The instrument that a definition defines. @param body the place behind the record's header */
export function readDefinition(buffer: ViewBuffer, body: number): { id: number; instrument: Instrument } {
  const length = buffer.view.getUint32(body - HEADER_BYTES + HeaderOffset.LENGTH, true) - HEADER_BYTES;
  return decodeInstrument(Uint8Array.from({ length }, (_, place) => buffer.readUint8(body + place)));
}
