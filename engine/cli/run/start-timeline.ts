import { ShownTrading } from '../../../actors/streams.js';
import { ExpiryState } from '../../../schemas/generated/expiry-state.js';
import { OrderUpdate } from '../../../schemas/generated/order-update.js';
import { TradingState } from '../../../schemas/generated/trading-state.js';
import { UnderlyingState } from '../../../schemas/generated/underlying-state.js';
import { OrderStatus, TradingStateCode } from '../../market/orders/codes.js';
import { attachArena } from '../../runtime/arena/arena.js';
import { EdgeKind } from '../../runtime/arena/layout.js';
import { type KeyedRecordHandler, LatestReader } from '../../runtime/edge/latest-reader.js';
import { HEADER_BYTES } from '../../runtime/edge/record.js';
import type { Engine } from '../../runtime/host/engine.js';
import { openShared, type SharedHandle } from '../../runtime/host/shared-memory.js';
import { EngineStateCode } from '../../runtime/supervision/engine-state.js';
import type { FeedMemory } from './feed-source.js';

/** What lies between the command and quotes at the venue, in the order in which it is told; each is told once. */
export const START_STEPS = [
  'the venue is there',
  'the journal is read',
  'all threads run',
  'the venue is linked',
  'the chain is subscribed',
  'the first forward is known',
  'the first surface is fitted',
  'every underlying has a surface',
  'trading is ready',
  'risk may be taken',
  'the first quote rests',
  '100 quotes rest',
] as const;

export type StartStep = (typeof START_STEPS)[number];

/** Quotes that show that a chain is quoted, and not that one order got through. */
const MANY = 100;

/** When each step of a start was reached, milliseconds since the program began. */
export class StartTimeline {
  private readonly reached = new Map<StartStep, number>();
  private readonly nowMs: () => number;
  private readonly told: (step: StartStep, afterMs: number) => void;

  /** @param nowMs since the program began @param told of each step, once */
  constructor(nowMs: () => number, told: (step: StartStep, afterMs: number) => void) {
    this.nowMs = nowMs;
    this.told = told;
  }

  /** What has been reached so far, the earliest first. */
  get steps(): readonly (readonly [step: StartStep, afterMs: number])[] {
    return [...this.reached];
  }

  get isOver(): boolean {
    return this.reached.has('100 quotes rest');
  }

  reach(step: StartStep): void {
    if (this.reached.has(step)) return;
    const afterMs = this.nowMs();
    this.reached.set(step, afterMs);
    this.told(step, afterMs);
  }
}

/** Looks at what an engine shows, and tells a timeline what has been reached: only loads, so that the engine does not know of it. */
export function startWatch(
  timeline: StartTimeline,
  engine: Pick<Engine, 'shown' | 'board'>,
  engineRun: number,
  market: FeedMemory | undefined,
): () => void {
  const { shown, board } = engine;
  const looks = [
    () => {
      if (board.state === EngineStateCode.ACTIVE) timeline.reach('risk may be taken');
    },
    feedLook(timeline, market),
    edgeLook(shown, 'expiries-shown', engineRun, forwardSeen(timeline)),
    edgeLook(shown, 'underlyings-shown', engineRun, surfacesSeen(timeline)),
    edgeLook(shown, 'trading-shown', engineRun, tradingSeen(timeline)),
    edgeLook(shown, 'orders-shown', engineRun, ordersSeen(timeline)),
  ];
  return () => {
    for (const look of looks) look();
  };
}

function feedLook(timeline: StartTimeline, market: FeedMemory | undefined): () => void {
  return () => {
    const { connectionsUp = 0, channels = 0 } = market?.counters.read() ?? {};
    if (connectionsUp > 0) timeline.reach('the venue is linked');
    if (channels > 0) timeline.reach('the chain is subscribed');
  };
}

/** Hands over what has changed in an edge; nothing where the engine does not show it. */
function edgeLook(
  shown: Record<string, SharedHandle>,
  name: string,
  engineRun: number,
  handler: KeyedRecordHandler,
): () => void {
  const memory = shown[name];
  if (memory === undefined) return () => {};
  const reader = new LatestReader(attachArena(openShared(memory, 'read'), name, EdgeKind.LATEST, engineRun));
  return () => reader.poll(handler, Number.POSITIVE_INFINITY);
}

function forwardSeen(timeline: StartTimeline): KeyedRecordHandler {
  const expiry = new ExpiryState();
  return (_type, buffer, offset) => {
    if (expiry.__init(offset + HEADER_BYTES, buffer).forward() > 0) timeline.reach('the first forward is known');
  };
}

function surfacesSeen(timeline: StartTimeline): KeyedRecordHandler {
  const underlying = new UnderlyingState();
  const fitted = new Map<number, boolean>();
  return (_type, buffer, offset, key) => {
    const isFitted = underlying.__init(offset + HEADER_BYTES, buffer).surfaceSeq() > 0;
    fitted.set(key, isFitted);
    if (isFitted) timeline.reach('the first surface is fitted');
    if ([...fitted.values()].every(Boolean)) timeline.reach('every underlying has a surface');
  };
}

function tradingSeen(timeline: StartTimeline): KeyedRecordHandler {
  const trading = new TradingState();
  return (_type, buffer, offset, key) => {
    if (key !== ShownTrading.STATE) return;
    if (trading.__init(offset + HEADER_BYTES, buffer).state() === TradingStateCode.READY)
      timeline.reach('trading is ready');
  };
}

/** An order counts from when the venue has confirmed it. */
function ordersSeen(timeline: StartTimeline): KeyedRecordHandler {
  const order = new OrderUpdate();
  const resting = new Set<number>();
  return (_type, buffer, offset, key) => {
    const status = order.__init(offset + HEADER_BYTES, buffer).status();
    if (status !== OrderStatus.OPEN && status !== OrderStatus.PARTLY_FILLED) {
      resting.delete(key);
      return;
    }
    resting.add(key);
    timeline.reach('the first quote rests');
    if (resting.size >= MANY) timeline.reach('100 quotes rest');
  };
}
