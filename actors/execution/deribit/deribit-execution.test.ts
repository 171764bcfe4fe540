import { afterEach, describe, expect, it } from 'vitest';
import { NotSentReason, OrderAction, SendOutcome, Side } from '../../../engine/market/orders/codes.js';
import type { IoContext } from '../../../engine/runtime/actor/definition.js';
import type { Arena } from '../../../engine/runtime/arena/arena.js';
import { createStream } from '../../../engine/runtime/edge/create-stream.js';
import { HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import { StreamReader } from '../../../engine/runtime/edge/stream-reader.js';
import { StreamWriter } from '../../../engine/runtime/edge/stream-writer.js';
import { structOffset } from '../../../schemas/field-offset.js';
import { ApprovedOrder, Refusal, SendReport } from '../../../schemas/generated/index.js';
import { MessageType } from '../../../schemas/message-type.js';
import { DefinitionMemory } from '../../feed/entry/definition-memory.js';
import { nodeHost } from '../../session/node-host.js';
import { btcInstrument } from '../../testing/stage/instruments.js';
import type { DeribitExecutionConfig } from './config.js';
import { DeribitExecution } from './deribit-execution.js';
import type { OrderSession } from './order-session.js';

const ACCOUNT = 1;
const INSTRUMENTS = 200;
/** Orders that execution takes in one turn. */
const TURN = 256;
const REFUSED_ORDER = structOffset(Refusal, 'order');

function streamOf(name: string, maxBodyBytes: number): Arena {
  return createStream({ name, capacityBytes: 1 << 22, maxBodyBytes, readers: 1, engineRun: 1 });
}

/** Execution with what risk writes in front, and a connection that notes how many orders each frame holds. */
class Desk {
  readonly frames: number[] = [];
  readonly execution: DeribitExecution;
  readonly #orders: StreamWriter;
  readonly #reports: StreamReader;

  constructor() {
    const orders = streamOf('approved-orders', Math.max(ApprovedOrder.sizeOf(), Refusal.sizeOf()));
    const reports = streamOf('reports', 1 << 12);
    const out = new StreamWriter(reports);
    this.#orders = new StreamWriter(orders);
    this.#reports = new StreamReader(reports, 0);
    const definitions = DefinitionMemory.create(INSTRUMENTS);
    for (let id = 0; id < INSTRUMENTS; id++) {
      definitions.add(id, { ...btcInstrument(), name: `BTC-26DEC26-${60_000 + id}-C` });
    }
    const context = {
      inputs: [new StreamReader(orders, 0)],
      out,
      board: { plan: { threads: [] }, killed: () => 0, beginWrite: () => {}, endWrite: () => {} },
      clock: { now: new Float64Array(1), tick: () => {} },
      config: {
        url: 'ws://127.0.0.1:1',
        venue: 1,
        accounts: [],
        currencies: ['BTC'],
        protection: [],
        massQuotes: true,
        definitions: definitions.memory,
        instruments: INSTRUMENTS,
      } satisfies DeribitExecutionConfig,
      publish: () => out.publish(),
      log: () => {},
    };
    this.execution = new DeribitExecution(context as unknown as IoContext<DeribitExecutionConfig>, nodeHost);
    let id = 0;
    const session = {
      account: ACCOUNT,
      connection: 0,
      isReady: true,
      takesOrders: true,
      stop: () => {},
      nextId: () => id + 1,
      write: (_: Uint8Array, requests: readonly unknown[]) => {
        id++;
        this.frames.push(requests.length);
        return true;
      },
    };
    this.execution.sessions.push(session as unknown as OrderSession);
    // Names are read with the first order, as arming does it.
    this.#fill(this.#claim(MessageType.APPROVED_ORDER, ApprovedOrder.sizeOf(), 0) + HEADER_BYTES, 0, OrderAction.PLACE);
    this.take();
    this.frames.length = 0;
  }

  /** Risk approves quotes of one event: bids of so many instruments. */
  approve(seq: number, quotes: number): void {
    for (let instrument = 0; instrument < quotes; instrument++) {
      const offset = this.#claim(MessageType.APPROVED_ORDER, ApprovedOrder.sizeOf(), seq);
      this.#fill(offset + HEADER_BYTES, instrument);
    }
  }

  /** Risk refuses a quote of an event. */
  refuse(seq: number, instrument: number): void {
    const offset = this.#claim(MessageType.REFUSAL, Refusal.sizeOf(), seq);
    this.#fill(offset + HEADER_BYTES + REFUSED_ORDER, instrument);
  }

  /** What was approved becomes visible, and execution takes it until nothing is left. @returns the fates that it tells, by outcome and reason */
  take(): string[] {
    this.#orders.publish();
    while (this.execution.turn() > 0);
    const told: string[] = [];
    this.#reports.poll((type, buffer, offset) => {
      if (type !== MessageType.SEND_REPORT) return;
      const report = new SendReport().__init(offset + HEADER_BYTES, buffer);
      told.push(`${report.outcome()} ${report.reason()}`);
    }, 10_000);
    this.#reports.release();
    return told;
  }

  #claim(type: number, bytes: number, seq: number): number {
    const offset = this.#orders.claim(type, bytes);
    this.#orders.buffer.view.setFloat64(offset + HeaderOffset.SEQ, seq, true);
    return offset;
  }

  #fill(body: number, instrument: number, action: number = OrderAction.QUOTE): void {
    const order = new ApprovedOrder().__init(body, this.#orders.buffer);
    order.mutate_action(action);
    order.mutate_account(ACCOUNT);
    order.mutate_group(1);
    order.mutate_instrument(instrument);
    order.mutate_side(Side.BUY);
    order.mutate_price(0.05);
    order.mutate_amount(1);
  }
}

describe('quotes of one event', () => {
  const desks: Desk[] = [];
  afterEach(() => {
    for (const { execution } of desks.splice(0)) execution.close();
  });
  const desk = (): Desk => {
    const made = new Desk();
    desks.push(made);
    return made;
  };

  it('go in one frame though risk refused one in their midst: two frames would cost a credit that nobody has counted', () => {
    const made = desk();
    made.approve(7, 3);
    made.refuse(7, 3);
    made.approve(7, 1);
    const told = made.take();
    expect(made.frames).toEqual([4]);
    expect(told.sort()).toEqual([
      ...Array.from({ length: 4 }, () => `${SendOutcome.SENT} ${NotSentReason.NONE}`),
      `${SendOutcome.NOT_SENT} ${NotSentReason.REFUSED}`,
    ]);
  });

  it('go in one frame though a turn of execution ends among them', () => {
    const made = desk();
    const events = [1, 2, 3, 4, 5, 6];
    for (const seq of events) made.approve(seq, 100);
    expect(events.length * 100).toBeGreaterThan(2 * TURN);
    expect(made.take()).toHaveLength(600);
    expect(made.frames).toEqual(events.map(() => 100));
  });

  it('go when a turn is full to the last and nothing follows', () => {
    const made = desk();
    made.approve(1, 100);
    made.approve(2, 100);
    made.approve(3, TURN - 200);
    made.take();
    expect(made.frames).toEqual([100, 100, TURN - 200]);
  });
});
