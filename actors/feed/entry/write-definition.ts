import type { Instrument } from '../../../engine/market/instrument.js';
import { encodeInstrument } from '../../../engine/market/instrument-codec.js';
import { HEADER_BYTES } from '../../../engine/runtime/edge/record.js';
import type { StreamWriter } from '../../../engine/runtime/edge/stream-writer.js';
import { MessageType } from '../../../schemas/message-type.js';

/** Writes what an instrument is; false, and nothing, where the ring has no room. */
export function writeDefinition(out: StreamWriter, id: number, instrument: Instrument): boolean {
  const bytes = encodeInstrument(id, instrument);
  const offset = out.claim(MessageType.INSTRUMENT_DEFINITION, bytes.length);
  if (offset < 0) return false;
  for (let at = 0; at < bytes.length; at++) out.buffer.view.setUint8(offset + HEADER_BYTES + at, bytes[at]!);
  return true;
}
