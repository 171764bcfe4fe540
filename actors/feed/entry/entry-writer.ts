import type { InstrumentGuard } from '../../../engine/market/quality/instrument-guard.js';
import { Verdict, type VerdictCode } from '../../../engine/market/quality/verdict.js';
import { HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import type { StreamWriter } from '../../../engine/runtime/edge/stream-writer.js';
import { Quarantine } from '../../../schemas/generated/quarantine.js';
import { Trade } from '../../../schemas/generated/trade.js';
import { MessageType } from '../../../schemas/message-type.js';

/** Why a record was kept out. */
export type Judge = Pick<InstrumentGuard, 'reason' | 'found' | 'bound'>;

const TRADE_BYTES = Trade.sizeOf();
const QUARANTINE_BYTES = Quarantine.sizeOf();

/** Writes what enters the engine: the record in the slot, whole or as a Quarantine, and records of the feed's own making. */
export class EntryWriter {
  /** Where records are decoded to. */
  readonly slot: DataView;
  readonly slotWords: Int32Array;
  readonly out: StreamWriter;
  readonly #outWords: Int32Array;
  readonly #venue: number;
  readonly #quarantine = new Quarantine();
  #connection = 0;
  /** At [0]: when what is written was received. */
  readonly #receiveTime = new Float64Array(1);

  constructor(out: StreamWriter, venue: number) {
    const memory = new ArrayBuffer((HEADER_BYTES + out.maxBodyBytes + 7) & ~7);
    this.out = out;
    this.slot = new DataView(memory);
    this.slotWords = new Int32Array(memory);
    this.#outWords = new Int32Array(out.arena.memory, out.arena.dataOffset, out.capacityBytes / 4);
    this.#venue = venue;
  }

  /** First byte that a record in the slot must not reach. */
  get limit(): number {
    return HEADER_BYTES + this.out.maxBodyBytes;
  }

  /** What follows came over this connection. */
  from(connection: number): void {
    this.#connection = connection;
  }

  /** What follows was received at `clock[0]`. */
  at(clock: Float64Array): void {
    this.#receiveTime[0] = clock[0]!;
  }

  /** Copies the record in the slot to the ring. */
  publish(length: number): void {
    const { slot } = this;
    const type = slot.getUint16(HeaderOffset.TYPE, true);
    const into = this.claim(type, length - HEADER_BYTES);
    this.#copyBody(HEADER_BYTES, length, into + HEADER_BYTES);
    const { view } = this.out.buffer;
    view.setFloat64(into + HeaderOffset.EXCHANGE_TIME, slot.getFloat64(HeaderOffset.EXCHANGE_TIME, true), true);
  }

  /** Room for a record of the feed's own making or passing, its header filled. `hasRoom` was asked before. */
  claim(type: number, bodyBytes: number): number {
    const { out } = this;
    const offset = out.claim(type, bodyBytes);
    if (offset < 0) throw new Error('a record was claimed without asking for room');
    const { view } = out.buffer;
    view.setFloat64(offset + HeaderOffset.RECEIVE_TIME, this.#receiveTime[0]!, true);
    view.setUint16(offset + HeaderOffset.VENUE, this.#venue, true);
    view.setUint16(offset + HeaderOffset.CONNECTION, this.#connection, true);
    return offset;
  }

  /** Writes the record in the slot as a Quarantine, what follows its header as far as it fits. */
  keepOut(id: number, length: number, guard: Judge, verdict: VerdictCode): void {
    const type = this.slot.getUint16(HeaderOffset.TYPE, true);
    const end = Math.min(length, this.limit - QUARANTINE_BYTES);
    this.#writeQuarantine(id, type, HEADER_BYTES, end, guard, verdict);
  }

  keepOutTrade(id: number, at: number, guard: Judge): void {
    this.#writeQuarantine(id, MessageType.TRADE_RUN, at, at + TRADE_BYTES, guard, Verdict.QUARANTINED);
  }

  /** Writes a definition, received at `clock[0]`. */
  define(bytes: Uint8Array, clock: Float64Array): void {
    const { out } = this;
    this.at(clock);
    const offset = this.claim(MessageType.INSTRUMENT_DEFINITION, bytes.length) + HEADER_BYTES;
    for (let index = 0; index < bytes.length; index++) out.buffer.writeUint8(offset + index, bytes[index]!);
  }

  #writeQuarantine(
    id: number,
    type: number,
    from: number,
    end: number,
    { reason, found, bound }: Judge,
    verdict: VerdictCode,
  ): void {
    const { out } = this;
    const offset = this.claim(MessageType.QUARANTINE, QUARANTINE_BYTES + end - from);
    const quarantine = this.#quarantine.__init(offset + HEADER_BYTES, out.buffer);
    quarantine.mutate_instrument(id);
    quarantine.mutate_reason(reason);
    quarantine.mutate_verdict(verdict);
    quarantine.mutate_type(type);
    quarantine.mutate_found(found);
    quarantine.mutate_bound(bound);
    this.#copyBody(from, end, offset + HEADER_BYTES + QUARANTINE_BYTES);
  }

  #copyBody(from: number, end: number, into: number): void {
    const source = this.slotWords;
    const target = this.#outWords;
    for (let word = from >> 2, to = into >> 2; word < end >> 2; word++, to++) target[to] = source[word]!;
  }
}
