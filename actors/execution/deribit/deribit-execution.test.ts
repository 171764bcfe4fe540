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

interface FakeLink {
  isReady: boolean;
  isSignedOn: boolean;
  hasRoom: boolean;
}

/** Execution with what risk writes in front, and a connection that notes how many orders each frame holds. */
class Desk {
  readonly frames: number[] = [];
  /** Connections that frames went by. */
  readonly ways: number[] = [];
  readonly #links: FakeLink[] = [];
  readonly execution: DeribitExecution;
  readonly #orders: StreamWriter;
  readonly #reports: StreamReader;

  constructor(connections = 1) {
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
    for (let connection = 0; connection < connections; connection++) this.#connect(connection);
    // Names are read with the first order, as arming does it.
    this.#fill(this.#claim(MessageType.APPROVED_ORDER, ApprovedOrder.sizeOf(), 0) + HEADER_BYTES, 0, OrderAction.PLACE);
    this.take();
    this.frames.length = 0;
    this.ways.length = 0;
  }

  /** A connection stands as said. */
  stands(connection: number, link: Partial<FakeLink>): void {
    Object.assign(this.#links[connection]!, link);
  }

  /** Risk approves an order or a cancel of an instrument. */
  order(seq: number, instrument: number, action: number): void {
    this.#fill(this.#claim(MessageType.APPROVED_ORDER, ApprovedOrder.sizeOf(), seq) + HEADER_BYTES, instrument, action);
  }

  #connect(connection: number): void {
    let id = 0;
    const link: FakeLink = { isReady: true, isSignedOn: true, hasRoom: true };
    this.#links.push(link);
    const session = {
      account: ACCOUNT,
      connection,
      get isReady(): boolean {
        return link.isReady;
      },
      get takesOrders(): boolean {
        return link.isReady && link.hasRoom;
      },
      get isSignedOn(): boolean {
        return link.isSignedOn;
      },
      stop: () => {},
      nextId: () => id + 1,
      write: (_: Uint8Array, requests: readonly unknown[]) => {
        id++;
        this.frames.push(requests.length);
        this.ways.push(connection);
        return true;
      },
    };
    this.execution.sessions.push(session as unknown as OrderSession);
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

describe('a cancel', () => {
  const SENT = `${SendOutcome.SENT} ${NotSentReason.NONE}`;
  const desks: Desk[] = [];
  afterEach(() => {
    for (const { execution } of desks.splice(0)) execution.close();
  });

  /** Two connections of the account; orders of instrument 1 go by the second. */
  const desk = (): Desk => {
    const made = new Desk(2);
    desks.push(made);
    return made;
  };

  it("goes by the account's other connection while its own is down: what it takes back may rest there, and nobody else takes it back", () => {
    const made = desk();
    made.stands(1, { isReady: false, isSignedOn: false });
    made.order(2, 1, OrderAction.CANCEL);
    expect(made.take()).toEqual([SENT]);
    expect(made.ways).toEqual([0]);
    // New risk waits for its own connection.
    made.order(3, 1, OrderAction.PLACE);
    expect(made.take()).toEqual([`${SendOutcome.NOT_SENT} ${NotSentReason.NOT_CONNECTED}`]);
  });

  it('goes by its own connection where that is there, also before it is ready, and round one that is full', () => {
    const made = desk();
    made.order(2, 1, OrderAction.CANCEL);
    made.take();
    expect(made.ways).toEqual([1]);
    made.stands(1, { hasRoom: false });
    made.order(3, 1, OrderAction.CANCEL);
    made.take();
    expect(made.ways).toEqual([1, 0]);
    made.stands(0, { isReady: false, isSignedOn: false });
    made.order(4, 1, OrderAction.CANCEL);
    made.stands(1, { isReady: false, hasRoom: true });
    made.order(5, 1, OrderAction.CANCEL);
    expect(made.take()).toEqual([SENT, SENT]);
    expect(made.ways).toEqual([1, 0, 1, 1]);
  });

  it('is not written to a connection that has not signed on, where the venue refuses it', () => {
    const made = desk();
    made.stands(0, { isReady: false, isSignedOn: false });
    made.stands(1, { isReady: false, isSignedOn: false });
    made.order(2, 1, OrderAction.CANCEL);
    expect(made.take()).toEqual([`${SendOutcome.NOT_SENT} ${NotSentReason.NOT_CONNECTED}`]);
    expect(made.ways).toEqual([]);
  });
});
