import { Quote } from '../../../schemas/generated/quote.js';
import type { SideSetup } from '../../rig/side.js';

export const QUOTE_BYTES = Quote.sizeOf();

export interface CodecSetup extends SideSetup {
  /** The engine's buffer under the generated accessors, or the FlatBuffers library alone. */
  codec: 'ViewBuffer' | 'library';
  /** Where the quotes are written to and read from. */
  memory: SharedArrayBuffer;
}

/** Encode or decode `count` quotes; tell nanoseconds or heap bytes of one. */
export interface CodecRound {
  work: 'encode' | 'decode';
  count: number;
  figure: 'nanoseconds' | 'bytes';
}
