import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { fieldOffset } from '../../schemas/field-offset.js';
import { Theo } from '../../schemas/generated/theo.js';
import { TheoRun } from '../../schemas/generated/theo-run.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { confidenceOf } from './confidence.js';
import { NOW, yearsUntil } from './event-moment.js';
import type { FilterConfig } from './filter-config.js';
import {
  EXPIRY,
  EXPIRY_STRIDE,
  EXPIRY_WORD,
  EXPIRY_WORDS,
  type FilterState,
  IS_INVERSE,
  MODES,
  OPTION,
  OPTION_STRIDE,
  OPTION_WORD,
  OPTION_WORDS,
  UNDERLYING,
  UNDERLYING_STRIDE,
} from './filter-state.js';
import { type TheoPricer, VALUE } from './theo-pricer.js';

/** A Theo in float64 words: the first holds instrument, flags and confidence. */
const WORDS = Theo.sizeOf() / 8;
const RUN_WORDS = TheoRun.sizeOf() / 8;
const word = (field: Parameters<typeof fieldOffset<Theo>>[1]): number => fieldOffset(Theo, field) / 8;
const AT = {
  price: word('price'),
  volatility: word('volatility'),
  uncertainty: word('uncertainty'),
  delta: word('delta'),
  netDelta: word('netDelta'),
  gamma: word('gamma'),
  vega: word('vega'),
  theta: word('theta'),
  vanna: word('vanna'),
  volga: word('volga'),
  volMove: word('volMove'),
} as const;
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
  private readonly pricer: TheoPricer;
  private readonly moment: Float64Array;
  private readonly run = new TheoRun();
  private readonly ring: Float64Array;
  private readonly gathered: Float64Array;
  private readonly gatheredWords: Uint32Array;
  private readonly publishTicks: Float64Array;
  private count = 0;

  constructor(context: CoreContext<FilterConfig>, state: FilterState, pricer: TheoPricer, moment: Float64Array) {
    this.context = context;
    this.state = state;
    this.pricer = pricer;
    this.moment = moment;
    const { arena, capacityBytes } = context.out.writer;
    this.ring = new Float64Array(arena.memory, arena.dataOffset, capacityBytes / 8);
    this.gathered = new Float64Array(state.config.optionsPerExpiry * WORDS);
    this.gatheredWords = new Uint32Array(this.gathered.buffer);
    this.publishTicks = Float64Array.of(state.config.publishTicks, state.config.publishVol);
  }

  /** The value of one option, where it has changed. */
  writeOption(option: number, expiry: number): void {
    this.gather(option, expiry);
    if (this.count > 0) this.emit(expiry);
  }

  /** The values of an expiry that have changed. */
  writeExpiry(expiry: number): void {
    const { chains, config, expiries, expiryWords, modes } = this.state;
    const first = expiry * config.optionsPerExpiry;
    const options = expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.options]!;
    for (let index = 0; index < options; index++) this.gather(chains[first + index]!, expiry);
    const e = expiry * EXPIRY_STRIDE;
    expiries[e + EXPIRY.toldLogForward] = expiries[e + EXPIRY.logForward]!;
    for (let mode = 0; mode < MODES; mode++) {
      expiries[e + EXPIRY.toldMode + mode] = modes[expiry * MODES + mode]!;
    }
    if (this.count > 0) this.emit(expiry);
  }

  /** All values of an expiry as they are, for people to look at. */
  show(expiry: number): void {
    const latest = this.context.shown[2];
    if (latest === undefined) return;
    const { chains, config, expiryWords } = this.state;
    const first = expiry * config.optionsPerExpiry;
    const options = expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.options]!;
    let count = 0;
    for (let index = 0; index < options; index++) {
      if (this.fill(chains[first + index]!, expiry, count * WORDS)) count++;
    }
    const place = latest.claim(expiry, MessageType.THEO_RUN, TheoRun.sizeOf() + count * Theo.sizeOf()) + HEADER_BYTES;
    this.head(expiry, count, latest.buffer, place);
    const { view } = latest.buffer;
    const last = count * WORDS;
    for (let index = 0; index < last; index++) {
      view.setFloat64(place + TheoRun.sizeOf() + 8 * index, this.gathered[index]!, true);
    }
    latest.publish(expiry);
  }

  /** Puts an option's value behind those gathered, where it is worth telling. */
  private gather(option: number, expiry: number): void {
    const { gathered, publishTicks } = this;
    const { options, optionWords, expiryWords } = this.state;
    const to = this.count * WORDS;
    if (!this.fill(option, expiry, to)) return;
    const at = option * OPTION_STRIDE;
    const told = option * OPTION_WORDS + OPTION_WORD.told;
    const flags = expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.flags]!;
    const priceMove = gathered[to + AT.price]! - options[at + OPTION.toldPrice]!;
    const volMove = gathered[to + AT.volatility]! - options[at + OPTION.toldVol]!;
    const worth = publishTicks[0]! * options[at + OPTION.tick]!;
    const worthVol = publishTicks[1]!;
    const isSame = priceMove < worth && priceMove > -worth && volMove < worthVol && volMove > -worthVol;
    if (isSame && optionWords[told] === flags + 1) return;
    options[at + OPTION.toldPrice] = gathered[to + AT.price]!;
    options[at + OPTION.toldVol] = gathered[to + AT.volatility]!;
    optionWords[told] = flags + 1;
    this.count++;
  }

  /** An option's value as a Theo at a place of `gathered`; false where there is none: a NaN is never told. */
  private fill(option: number, expiry: number, to: number): boolean {
    const { state, pricer, gathered } = this;
    const { options, optionWords, expiries, expiryWords } = state;
    const { now } = pricer;
    pricer.value(option, expiry);
    const isInverse = (optionWords[option * OPTION_WORDS + OPTION_WORD.kind]! & IS_INVERSE) !== 0;
    const forward = expiries[expiry * EXPIRY_STRIDE + EXPIRY.forward]!;
    const price = isInverse ? now[VALUE.price]! / forward : now[VALUE.price]!;
    const vol = now[VALUE.vol]!;
    const delta = now[VALUE.delta]!;
    // Neither comparison holds for a NaN.
    const isSound = price >= 0 && price < Number.POSITIVE_INFINITY && vol > 0 && vol < Number.POSITIVE_INFINITY;
    if (!isSound || delta - delta !== 0) return false;
    const flags = expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.flags]!;
    this.gatheredWords[2 * to] = option;
    this.gatheredWords[2 * to + 1] = flags | (confidenceOf(flags) << 16);
    gathered[to + AT.price] = price;
    gathered[to + AT.volatility] = vol;
    gathered[to + AT.uncertainty] = options[option * OPTION_STRIDE + OPTION.uncertainty]!;
    gathered[to + AT.delta] = delta;
    gathered[to + AT.netDelta] = isInverse ? delta - price : delta;
    gathered[to + AT.gamma] = now[VALUE.gamma]!;
    gathered[to + AT.vega] = now[VALUE.vega]!;
    gathered[to + AT.theta] = now[VALUE.theta]!;
    gathered[to + AT.vanna] = now[VALUE.vanna]!;
    gathered[to + AT.volga] = now[VALUE.volga]!;
    gathered[to + AT.volMove] = now[VALUE.volMove]!;
    return true;
  }

  private emit(expiry: number): void {
    const { count, ring, gathered } = this;
    const { out } = this.context;
    const body = out.emit(MessageType.THEO_RUN, TheoRun.sizeOf() + count * Theo.sizeOf());
    this.head(expiry, count, out.buffer, body);
    const to = (body >> 3) + RUN_WORDS;
    const last = count * WORDS;
    for (let index = 0; index < last; index++) ring[to + index] = gathered[index]!;
    this.count = 0;
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

/** The largest record of an expiry, header excluded. */
export function largestRun(optionsPerExpiry: number): number {
  return TheoRun.sizeOf() + optionsPerExpiry * Theo.sizeOf();
}
