import type { LatestReader } from '../engine/runtime/edge/latest-reader.js';
import { HEADER_BYTES } from '../engine/runtime/edge/record.js';
import { ActorCounter, type Board } from '../engine/runtime/supervision/board.js';
import { engineStateName, riskBanTexts } from '../engine/runtime/supervision/engine-state.js';
import { KillReason, killReasonText } from '../engine/runtime/supervision/kill-reason.js';
import { BookTop } from '../schemas/generated/book-top.js';
import { Quote } from '../schemas/generated/quote.js';
import { MessageType } from '../schemas/message-type.js';

/** Best bid and offer as the API shows them. */
export interface TopView {
  instrument: number;
  bidPrice: number;
  bidAmount: number;
  askPrice: number;
  askAmount: number;
}

export interface HopView {
  name: string;
  records: number;
  /** Nanoseconds. */
  waiting: Percentiles;
  /** Nanoseconds. */
  service: Percentiles;
}

export interface Percentiles {
  p50: number | null;
  p99: number | null;
  p999: number | null;
  max: number | null;
}

export interface StateView {
  state: string;
  killed: string | null;
  /** Why no new risk may be taken though the engine is not halted; empty where it may. */
  reducing: string[];
  hops: HopView[];
}

/** The engine as a gateway sees it: read from shared memory, at whatever pace, without a trace in the engine. */
export class EngineView {
  private readonly board: Board;
  private readonly reader: LatestReader | undefined;
  private readonly tops = new Map<number, TopView>();
  private readonly quote = new Quote();
  private readonly bookTop = new BookTop();

  constructor(board: Board, reader: LatestReader | undefined) {
    this.board = board;
    this.reader = reader;
  }

  state(): StateView {
    const { board } = this;
    const killed = board.killed();
    return {
      state: engineStateName(board.state),
      killed: killed === KillReason.NONE ? null : killReasonText(killed),
      reducing: riskBanTexts(board.riskBans),
      hops: board.plan.actors.map((name, actor) => ({
        name,
        records: board.actorCounters(actor)[ActorCounter.RECORDS]!,
        waiting: percentiles(board.waitingHistogram(actor)),
        service: percentiles(board.serviceHistogram(actor)),
      })),
    };
  }

  /** The newest top of every instrument that has one, by instrument id. */
  currentTops(): TopView[] {
    this.reader?.poll((type, buffer, offset, key) => {
      const quote = type === MessageType.QUOTE ? this.quote : this.bookTop;
      quote.__init(offset + HEADER_BYTES, buffer);
      this.tops.set(key, {
        instrument: key,
        bidPrice: quote.bidPrice(),
        bidAmount: quote.bidAmount(),
        askPrice: quote.askPrice(),
        askAmount: quote.askAmount(),
      });
    }, Number.POSITIVE_INFINITY);
    return [...this.tops.values()].sort((a, b) => a.instrument - b.instrument);
  }
}

function percentiles(histogram: { count: number; max: number; quantile(share: number): number }): Percentiles {
  if (histogram.count === 0) return { p50: null, p99: null, p999: null, max: null };
  return {
    p50: histogram.quantile(0.5),
    p99: histogram.quantile(0.99),
    p999: histogram.quantile(0.999),
    max: histogram.max,
  };
}
