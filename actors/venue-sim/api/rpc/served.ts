import type { MessageKind, RequestFate } from '../../chaos/chaos.js';
import type { RefusedRequest } from './errors.js';
import type { Continued } from './result.js';

/** Why a connection ended. All but a goodbye and the venue's own restart count as a disconnect, which cancels orders. */
export type EndCause = 'closed' | 'heartbeat' | 'inactive' | 'rate' | 'slow' | 'broken' | 'logout' | 'restart';

/** A method that ends its connection without an answer throws this. */
export class EndOfConnection extends Error {
  readonly end: EndCause;

  constructor(end: EndCause) {
    super(end);
    this.end = end;
  }
}

/** What came of one request. */
export interface Served {
  /** What chaos has decided about it. */
  fate: RequestFate;
  /** The refusal, the JSON of the result, its pieces, or what is to be done first; undefined where the connection ends without an answer. */
  result: RefusedRequest | string | Iterator<string> | Continued | undefined;
  messageKind: MessageKind;
  /** The connection ends after the answer. */
  ends?: EndCause;
  why: string;
}
