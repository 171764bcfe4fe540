/** Longest frame that is sent, header included. */
const MOST_FRAME_BYTES = 64 * 1024;
const TEXT_FRAME = 0x81;
const TWO_BYTES_OF_LENGTH = 126;
const MOST_SHORT_LENGTH = 125;

/** Kinds of frames in the mix. */
export const FrameKind = { OPTION: 0, UNDERLYING: 1, REPORT: 2, JUMP: 3 } as const;

/** Of fifty frames one moves an underlying, 39 an option's book or ticker, and ten tell of the account: 2, 78 and 20 %. */
const CYCLE = 50;
const REPORTS_EVERY = 5;
const UNDERLYING_AT = 1;

export function kindOf(number: number): number {
  const place = number % CYCLE;
  if (place === UNDERLYING_AT) return FrameKind.UNDERLYING;
  return place % REPORTS_EVERY === 0 ? FrameKind.REPORT : FrameKind.OPTION;
}

/** An option's channel texts, around what changes from frame to frame. */
export interface OptionFrames {
  name: string;
  /** The book's last change. */
  changeId: number;
  /** The best bid, how far it goes up and down again, 0 where there is no room for that, and an amount. */
  bid: number;
  step: number;
  amount: number;
  /** The last ticker, whole. */
  ticker: string;
}

export interface UnderlyingFrames {
  name: string;
  changeId: number;
  /** The mid around which it moves, its tick, and the amount of a level. */
  mid: number;
  tick: number;
  amount: number;
}

export interface FrameSet {
  options: OptionFrames[];
  underlyings: UnderlyingFrames[];
  /** Messages about the account. */
  reports: string[];
}

/** By how much the underlying moves to and fro, as a part of its price; and how far it jumps: further than is believed at once. */
const MOVE = 3e-4;
const JUMP = 0.17;
/** Levels behind the best one of an underlying's book, and the ticks between them. */
const LEVELS_BEHIND = 20;
const BEHIND_TICKS = 200;

/** Writes each next frame of a mix: one book changes, or one ticker comes again, at the time at which it is written. */
export class FrameSource {
  readonly #set: FrameSet;
  readonly #options: { isRaised: boolean; turns: number }[];
  readonly #underlyings: { bid: number; ask: number; isMoved: boolean }[];
  #option = 0;
  #underlying = 0;
  #report = 0;

  constructor(set: FrameSet) {
    this.#set = set;
    this.#options = set.options.map(() => ({ isRaised: false, turns: 0 }));
    this.#underlyings = set.underlyings.map(({ mid, tick }) => ({
      bid: roundTo(mid, tick) - tick,
      ask: roundTo(mid, tick) + tick,
      isMoved: false,
    }));
  }

  /** The books of the underlyings, whole, with nothing of the venue's in them: where the moves begin. */
  snapshots(nowMs: number): string[] {
    return this.#set.underlyings.map((_, place) => this.#snapshot(place, nowMs));
  }

  #snapshot(place: number, nowMs: number): string {
    const underlying = this.#set.underlyings[place]!;
    const { bid, ask } = this.#underlyings[place]!;
    const { name, amount, tick } = underlying;
    const side = (best: number, sign: number): string =>
      Array.from({ length: LEVELS_BEHIND + 1 }, (_, level) => {
        const price = level === 0 ? best : best + sign * (level + LEVELS_BEHIND) * BEHIND_TICKS * tick;
        return `["new",${text(price)},${amount}]`;
      }).join();
    underlying.changeId++;
    return message(
      `book.${name}.raw`,
      `{"type":"snapshot","timestamp":${nowMs},"instrument_name":"${name}","change_id":${underlying.changeId},"bids":[${side(bid, -1)}],"asks":[${side(ask, 1)}]}`,
    );
  }

  next(kind: number, nowMs: number): string {
    if (kind === FrameKind.REPORT) {
      const { reports } = this.#set;
      return reports[this.#report++ % reports.length]!;
    }
    return kind === FrameKind.OPTION ? this.#nextOption(nowMs) : this.#nextUnderlying(nowMs, kind === FrameKind.JUMP);
  }

  /** Book and ticker by turns; the bid goes up by a step, and down again. */
  #nextOption(nowMs: number): string {
    const place = this.#option++ % this.#set.options.length;
    const option = this.#set.options[place]!;
    const state = this.#options[place]!;
    const { name, bid, step, amount, ticker } = option;
    if (step === 0 || state.turns++ % 3 === 2) return ticker.replace(/"timestamp":\d+/, `"timestamp":${nowMs}`);
    const price = text(bid + step);
    const level = state.isRaised ? `["delete",${price},0]` : `["new",${price},${amount}]`;
    state.isRaised = !state.isRaised;
    return change(option, name, nowMs, level, '');
  }

  #nextUnderlying(nowMs: number, isJump: boolean): string {
    const place = this.#underlying++ % this.#set.underlyings.length;
    const underlying = this.#set.underlyings[place]!;
    const state = this.#underlyings[place]!;
    const { name, mid, tick, amount } = underlying;
    const before = { bid: state.bid, ask: state.ask };
    state.isMoved = !state.isMoved;
    const to = roundTo(mid * (1 + (state.isMoved ? (isJump ? JUMP : MOVE) : 0)), tick);
    state.bid = to - tick;
    state.ask = to + tick;
    // Behind the best prices of before nothing may stand that the new ones cross.
    if (isJump) return this.#snapshot(place, nowMs);
    const bids = `["delete",${text(before.bid)},0],["new",${text(state.bid)},${amount}]`;
    const asks = `["delete",${text(before.ask)},0],["new",${text(state.ask)},${amount}]`;
    return change(underlying, name, nowMs, bids, asks);
  }
}

function change(of: { changeId: number }, name: string, nowMs: number, bids: string, asks: string): string {
  const previous = of.changeId++;
  return message(
    `book.${name}.raw`,
    `{"type":"change","timestamp":${nowMs},"prev_change_id":${previous},"instrument_name":"${name}","change_id":${of.changeId},"bids":[${bids}],"asks":[${asks}]}`,
  );
}

function message(channel: string, data: string): string {
  return `{"jsonrpc":"2.0","method":"subscription","params":{"channel":"${channel}","data":${data}}}`;
}

function roundTo(price: number, tick: number): number {
  return Math.round(price / tick) * tick;
}

/** A price without what binary fractions add to it. */
function text(price: number): string {
  return String(Number(price.toPrecision(10)));
}

/** A text as one frame of a WebSocket server. */
export function serverFrame(payload: string): Buffer {
  const bytes = Buffer.byteLength(payload);
  if (bytes > MOST_FRAME_BYTES) throw new RangeError(`a frame of ${bytes} bytes; the most is ${MOST_FRAME_BYTES}`);
  const head = bytes <= MOST_SHORT_LENGTH ? 2 : 4;
  const frame = Buffer.allocUnsafe(head + bytes);
  frame[0] = TEXT_FRAME;
  if (head === 2) frame[1] = bytes;
  else {
    frame[1] = TWO_BYTES_OF_LENGTH;
    frame.writeUInt16BE(bytes, 2);
  }
  frame.write(payload, head);
  return frame;
}
