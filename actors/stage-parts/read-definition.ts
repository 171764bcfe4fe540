import type { Instrument } from '../../engine/market/instrument.js';
import { decodeInstrument } from '../../engine/market/instrument-codec.js';
import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';

/** The instrument that a definition defines. @param body the place behind the record's header */
export function readDefinition(buffer: ViewBuffer, body: number): { id: number; instrument: Instrument } {
  const length = buffer.view.getUint32(body - HEADER_BYTES + HeaderOffset.LENGTH, true) - HEADER_BYTES;
  // A copy in one piece: at a start every stage reads hundreds of them, before any of this code is compiled.
  return decodeInstrument(buffer.bytes().slice(body, body + length));
}
