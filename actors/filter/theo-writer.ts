import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { fieldOffset } from '../../schemas/field-offset.js';
import { Theo } from '../../schemas/generated/theo.js';
import { TheoRun } from '../../schemas/generated/theo-run.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { NOW, yearsUntil } from './event-moment.js';
import type { FilterConfig } from './filter-config.js';
import {
  EXPIRY,
  EXPIRY_STRIDE,
  EXPIRY_WORD,
  EXPIRY_WORDS,
  type FilterState,
  MODES,
  UNDERLYING,
  UNDERLYING_STRIDE,
} from './filter-state.js';
import { THEO_WORDS, type TheoBatch } from './theo-batch.js';

const RUN_WORDS = TheoRun.sizeOf() / 8;
const RUN_AT = {
  forward: fieldOffset(TheoRun, 'forward'),
  years: fieldOffset(TheoRun, 'years'),
  surfaceSeq: fieldOffset(TheoRun, 'surfaceSeq'),
  index: fieldOffset(TheoRun, 'index'),
} as const;

/**
 * Writes theoretical values: of one option, or of a whole expiry in one record, whichever of its options have changed by more than what is worth
 * telling. Values are put together beside the ring, because a record's length must be known when it is begun.
 */
export class TheoWriter {
  private readonly context: CoreContext<FilterConfig>;
  private readonly state: FilterState;
  private readonly batch: TheoBatch;
  private readonly moment: Float64Array;
  private readonly run = new TheoRun();
  private readonly ring: Float64Array;
  private readonly one = new Int32Array(1);

  constructor(context: CoreContext<FilterConfig>, state: FilterState, batch: TheoBatch, moment: Float64Array) {
    this.context = context;
    this.state = state;
    this.batch = batch;
    this.moment = moment;
    const { arena, capacityBytes } = context.out.writer;
    this.ring = new Float64Array(arena.memory, arena.dataOffset, capacityBytes / 8);
  }

  /** The value of one option, where it has changed. */
  writeOption(option: number, expiry: number): void {
    this.one[0] = option;
    const count = this.batch.gather(expiry, this.one, 0, 1, false);
    if (count > 0) this.emit(expiry, count);
  }

  /** The values of an expiry that have changed. */
  writeExpiry(expiry: number): void {
    const { chains, config, expiries, expiryWords, modes } = this.state;
    const first = expiry * config.optionsPerExpiry;
    const options = expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.options]!;
    const count = this.batch.gather(expiry, chains, first, first + options, false);
    const e = expiry * EXPIRY_STRIDE;
    expiries[e + EXPIRY.toldLogForward] = expiries[e + EXPIRY.logForward]!;
    for (let mode = 0; mode < MODES; mode++) {
      expiries[e + EXPIRY.toldMode + mode] = modes[expiry * MODES + mode]!;
    }
    if (count > 0) this.emit(expiry, count);
  }

  /** All values of an expiry as they are, for people to look at. */
  show(expiry: number): void {
    const latest = this.context.shown[2];
    if (latest === undefined) return;
    const { chains, config, expiryWords } = this.state;
    const first = expiry * config.optionsPerExpiry;
    const options = expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.options]!;
    const count = this.batch.gather(expiry, chains, first, first + options, true);
    const bytes = TheoRun.sizeOf() + count * Theo.sizeOf();
    const place = latest.claim(expiry, MessageType.THEO_RUN, bytes) + HEADER_BYTES;
    this.head(expiry, count, latest.buffer, place);
    const { view } = latest.buffer;
    const { gathered } = this.batch;
    const words = count * THEO_WORDS;
    for (let index = 0; index < words; index++) {
      view.setFloat64(place + TheoRun.sizeOf() + 8 * index, gathered[index]!, true);
    }
    latest.publish(expiry);
  }

  private emit(expiry: number, count: number): void {
    const { ring } = this;
    const { gathered } = this.batch;
    const { out } = this.context;
    const body = out.emit(MessageType.THEO_RUN, TheoRun.sizeOf() + count * Theo.sizeOf());
    this.head(expiry, count, out.buffer, body);
    const to = (body >> 3) + RUN_WORDS;
    const words = count * THEO_WORDS;
    for (let index = 0; index < words; index++) ring[to + index] = gathered[index]!;
  }

  private head(expiry: number, count: number, buffer: ViewBuffer, body: number): void {
    const { run, moment } = this;
    const { expiries, expiryWords, underlyings } = this.state;
    const e = expiry * EXPIRY_STRIDE;
    const words = expiry * EXPIRY_WORDS;
    const underlying = expiryWords[words + EXPIRY_WORD.underlying]! - 1;
    run.__init(body, buffer);
    run.mutate_expiry(expiry);
    run.mutate_underlying(underlying);
    run.mutate_count(count);
    run.mutate_flags(expiryWords[words + EXPIRY_WORD.flags]!);
    // Past the accessors: a double is boxed for a call that is not inlined.
    const { view } = buffer;
    view.setFloat64(body + RUN_AT.forward, expiries[e + EXPIRY.forward]!, true);
    view.setFloat64(body + RUN_AT.years, yearsUntil(expiries[e + EXPIRY.time]!, moment[NOW]!), true);
    view.setFloat64(body + RUN_AT.surfaceSeq, expiries[e + EXPIRY.fitSeq]!, true);
    view.setFloat64(body + RUN_AT.index, underlyings[underlying * UNDERLYING_STRIDE + UNDERLYING.index]!, true);
  }
}
