import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  MmpState,
  NotReady,
  OrderAction,
  OrderFlag,
  onlyAsks,
  onlyReduces,
  SendOutcome,
  TradingStateCode,
} from '../../../engine/market/orders/codes.js';
import { isFinished } from '../../../engine/market/orders/transitions.js';
import { HEADER_BYTES } from '../../../engine/runtime/edge/record.js';
import { KillReason } from '../../../engine/runtime/supervision/kill-reason.js';
import { MmpReport } from '../../../schemas/generated/mmp-report.js';
import { OrderUpdate } from '../../../schemas/generated/order-update.js';
import { SendReport } from '../../../schemas/generated/send-report.js';
import { TradingState } from '../../../schemas/generated/trading-state.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import type { DeribitExecution } from '../../execution/deribit/deribit-execution.js';
import { log, orderStates } from '../../streams.js';
import type { EngineSettings } from '../../topology.js';
import { MarginModel, OrderType, SelfMatch, TimeInForce, Side as VenueSide } from '../../venue-sim/exchange/codes.js';
import { PROTECTED_AMOUNT, simulatedVenue, tradingSettings } from './simulated-venue.js';
import { TradingEngine } from './trading-engine.js';

/** The whole engine and the venue share this thread and a busy machine: everything takes its time. */
const PATIENCE_MS = 40_000;

type Running = Awaited<ReturnType<typeof simulatedVenue>>;
let venue: Running;
let engine: TradingEngine;
/** Orders that may still trade by what the core says, by slot. */
const live = new Map<number, { flags: number; venueOrderId: boolean }>();
const sent: { action: number; outcome: number }[] = [];
/** States of market maker protection that the log told. */
const protection: number[] = [];
let state = 0;
let reasons = 0;
let contradictions = 0;

function onState(type: number, buffer: ViewBuffer, offset: number): void {
  if (type === MessageType.TRADING_STATE) {
    const told = new TradingState().__init(offset + HEADER_BYTES, buffer);
    state = told.state();
    reasons = told.reasons();
  } else if (type === MessageType.ORDER_UPDATE) {
    const update = new OrderUpdate().__init(offset + HEADER_BYTES, buffer);
    if (isFinished(update.status())) live.delete(update.slot());
    else live.set(update.slot(), { flags: update.flags(), venueOrderId: update.venueOrderId()!.word0() !== 0 });
    if (update.missing() < 0) contradictions++;
  }
}

function onLog(type: number, buffer: ViewBuffer, offset: number): void {
  if (type === MessageType.MMP_REPORT) protection.push(new MmpReport().__init(offset + HEADER_BYTES, buffer).state());
  if (type !== MessageType.SEND_REPORT) return;
  const report = new SendReport().__init(offset + HEADER_BYTES, buffer);
  sent.push({ action: report.order()!.action(), outcome: report.outcome() });
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > end) {
      throw new Error(
        `${what}: not within ${PATIENCE_MS} ms; state ${state}, reasons ${reasons}, ${live.size} orders, ${engine.notes.join('; ')}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What is open at the venue. */
function open(): number {
  const { account } = venue.venue.keys.get('execution')!;
  return [...venue.venue.openOrders(account)].length;
}

/** More than all bids of one instrument. */
const ALL_LOTS = 1_000_000;

/** Somebody whom nobody limits. */
function openTaker(): number {
  return venue.venue.exchange.openAccount({ name: 'taker', margin: MarginModel.NONE, selfMatch: SelfMatch.ALLOW });
}

/** The taker hits the engine's bids that are open now, until so much is traded. @returns how much is left: an engine on a busy machine may have pulled some */
function takeQuotes(taker: number, amount: number): number {
  const { exchange, keys } = venue.venue;
  const { orders, instruments } = exchange;
  let left = amount;
  for (const slot of [...venue.venue.openOrders(keys.get('execution')!.account)]) {
    if (left <= 0) break;
    const instrument = orders.instrument[slot]!;
    if (orders.side[slot] !== VenueSide.BUY || !/^BTC-.*-[CP]$/.test(instruments.definitions[instrument]!.name))
      continue;
    left -= instruments.amountOf(instrument, orders.lots[slot]!);
    // Whoever else bids there comes first.
    const { LIMIT } = OrderType;
    const { IMMEDIATE_OR_CANCEL } = TimeInForce;
    exchange.place(taker, instrument, VenueSide.SELL, LIMIT, orders.ticks[slot]!, ALL_LOTS, IMMEDIATE_OR_CANCEL, 0, 0);
  }
  venue.venue.hub.endStep();
  return left;
}

async function trade(change: (settings: EngineSettings) => EngineSettings = (settings) => settings): Promise<void> {
  engine = new TradingEngine(change(tradingSettings(venue.url)), [
    { edge: log, handler: onLog },
    { edge: orderStates, handler: onState },
  ]);
  await engine.start();
}

async function begin(change?: (settings: EngineSettings) => EngineSettings): Promise<void> {
  live.clear();
  sent.length = 0;
  state = 0;
  contradictions = 0;
  venue = await simulatedVenue({ seed: 5, strikes: 2 });
  await trade(change);
}

async function end(): Promise<void> {
  await engine.stop();
  await venue.server.close();
}

const quotes = (): boolean => live.size > 20 && [...live.values()].every(({ venueOrderId }) => venueOrderId);

// Seconds pass before a chain is quoted: what can follow one another on one engine does.
describe('on the simulated venue', () => {
  beforeAll(() => begin());
  afterAll(end);

  it('quotes the chain by mass quotes, and knows each order that is open there', async () => {
    await until('quotes the chain', quotes);
    expect(state).toBe(TradingStateCode.READY);
    expect([...live.values()].every(({ flags }) => (flags & OrderFlag.QUOTE) !== 0)).toBe(true);
    await until('knows what is open', () => live.size === open());
    expect(sent.filter(({ action }) => !onlyAsks(action)).every(({ action }) => action === OrderAction.QUOTE)).toBe(
      true,
    );
    expect(contradictions).toBe(0);
  }, 60_000);

  it('is told when market maker protection fires, keeps its connection, and quotes again when the freeze is over', async () => {
    protection.length = 0;
    const taker = openTaker();
    let left = 1.5 * PROTECTED_AMOUNT;
    await until('protection has fired', () => {
      if (left > 0) left = takeQuotes(taker, left);
      return protection.includes(MmpState.TRIGGERED);
    });
    await until('the freeze is over', () => protection.includes(MmpState.RESET));
    await until('quotes again', quotes);
    expect(engine.notes.filter((note) => /down|another form|refused/.test(note))).toEqual([]);
  }, 60_000);

  it('loses its connection and with it its quotes, finds out what became of them, and quotes again', async () => {
    const { sessions } = engine.actor('execution') as DeribitExecution;
    sessions[0]!.session.connection.fail('cut by the test');
    await until('hears of it', () => (reasons & NotReady.NO_CONNECTION) !== 0);
    await until('the venue has pulled the quotes', () => open() === 0);
    await until('is ready again', () => state === TradingStateCode.READY);
    await until('quotes again', quotes);
    await until('knows what is open', () => live.size === open());
  }, 120_000);

  it('writes nothing but cancels once the latch is set', async () => {
    const before = sent.length;
    engine.board.kill(KillReason.OPERATOR);
    const isHeldBack = ({ outcome }: { outcome: number }) => outcome === SendOutcome.NOT_SENT;
    await until('something was held back', () => sent.slice(before).some(isHeldBack));
    // What was written before the latch may be told after it, but in its order: before the first that was held back.
    const held = before + sent.slice(before).findIndex(isHeldBack);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const written = sent.slice(held).filter((report) => !isHeldBack(report));
    expect(written.every(({ action }) => onlyReduces(action))).toBe(true);
  }, 60_000);
});

describe('on the simulated venue, where mass quotes are not allowed', () => {
  beforeAll(() =>
    begin((settings) => ({
      ...settings,
      core: { ...settings.core, trading: { ...settings.core.trading, needsMmp: false } },
      execution: { ...settings.execution!, protection: [], massQuotes: false },
    })),
  );
  afterAll(end);

  it('places single orders, and never more of them than the credits let it', async () => {
    await until('places orders', () => live.size > 10 && [...live.values()].every(({ venueOrderId }) => venueOrderId));
    expect([...live.values()].some(({ flags }) => (flags & OrderFlag.QUOTE) !== 0)).toBe(false);
    expect(engine.notes.filter((note) => /down|refused/.test(note))).toEqual([]);
  }, 60_000);
});
