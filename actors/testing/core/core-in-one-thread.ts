import { onlyAsks } from '../../../engine/market/orders/codes.js';
import { newEpoch } from '../../../engine/runtime/clock/monotonic-clock.js';
import { createLatest } from '../../../engine/runtime/edge/create-latest.js';
import { createStream } from '../../../engine/runtime/edge/create-stream.js';
import { HEADER_BYTES } from '../../../engine/runtime/edge/record.js';
import type { StreamReader } from '../../../engine/runtime/edge/stream-reader.js';
import type { StreamWriter } from '../../../engine/runtime/edge/stream-writer.js';
import { CoreWiring } from '../../../engine/runtime/host/core-wiring.js';
import type { ThreadSpec } from '../../../engine/runtime/host/thread-spec.js';
import { type CommandCode, EVERY_INSTRUMENT } from '../../../engine/runtime/peers/command-channel.js';
import { type Board, boardBytes, formatBoard } from '../../../engine/runtime/supervision/board.js';
import { EngineStateCode } from '../../../engine/runtime/supervision/engine-state.js';
import { type Runnable, runnableNames, wires } from '../../../engine/runtime/topology/topology.js';
import { doorbellMemory } from '../../../engine/runtime/wait/doorbell.js';
import { fieldOffset } from '../../../schemas/field-offset.js';
import { ApprovedOrder } from '../../../schemas/generated/approved-order.js';
import { OperatorCommand } from '../../../schemas/generated/operator-command.js';
import { Quote } from '../../../schemas/generated/quote.js';
import { Refusal } from '../../../schemas/generated/refusal.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import { LoopbackVenue } from '../../execution/loopback/loopback-venue.js';
import { writeDefinition } from '../../feed/entry/write-definition.js';
import { syntheticInstrument } from '../../feed/synthetic/synthetic-instruments.js';
import { approvedOrders, commands, log, marketData, reports } from '../../streams.js';
import { syntheticSettings, topology } from '../../topology.js';

const BID_PRICE = fieldOffset(Quote, 'bidPrice');
const ASK_PRICE = fieldOffset(Quote, 'askPrice');
const MARK_PRICE = fieldOffset(Quote, 'markPrice');
const INDEX_PRICE = fieldOffset(Quote, 'indexPrice');
/** Enough for a test: the engine's own log would take 256 MiB. */
const LARGEST_RING = 2 ** 20;
const EVENTS_PER_STEP = 64;

/** What left the core for execution. */
export interface Outcome {
  refused: number | undefined;
  instrument: number;
  action: number;
  side: number;
  price: number;
}

/**
 * The engine's whole core (sequencer, book, orders, quoter, dispatch, risk) in this thread, over real streams and with telemetry on; the caller
 * plays feed, execution, recorder and operator.
 */
export class CoreInOneThread {
  readonly board: Board;
  /** Runnables in the order of a duty cycle. */
  private readonly members: readonly Runnable[];
  private readonly feed: StreamWriter;
  private readonly reporter: StreamWriter;
  private readonly operator: StreamWriter;
  private readonly orders: StreamReader;
  private readonly sinks: readonly StreamReader[];
  private readonly wiring: CoreWiring;
  private readonly top = new Quote();
  private readonly order = new ApprovedOrder();
  private readonly venue: LoopbackVenue;
  private readonly stamps = new Float64Array(2);
  private readonly outcomes: Outcome[] = [];
  private readonly keepsOutcomes: boolean;
  private nonce = 0;
  private readonly ignore = (): void => {};
  private readonly onOrder = (type: number, buffer: ViewBuffer, offset: number): void => {
    // What risk tells of itself is no order.
    if (type !== MessageType.APPROVED_ORDER && type !== MessageType.REFUSAL) return;
    if (this.keepsOutcomes) this.outcomes.push(this.outcome(type, buffer, offset));
    if (type === MessageType.APPROVED_ORDER) this.venue.take(buffer, offset, true);
    else this.venue.refuse(buffer, offset);
    this.publish(this.reporter);
  };

  constructor(options: { instruments: number; keepsOutcomes: boolean }) {
    const settings = syntheticSettings(options.instruments, 1, 1);
    const built = topology(settings);
    const plan = { threads: ['core'], actors: runnableNames(built) };
    const board = new SharedArrayBuffer(boardBytes(plan));
    this.board = formatBoard(board, plan, 1);
    this.board.state = EngineStateCode.ACTIVE;
    const streams: Record<string, SharedArrayBuffer> = {};
    for (const { edge, readers } of wires(built).values()) {
      const capacityBytes = Math.min(edge.capacityBytes, LARGEST_RING);
      const arena = createStream({ ...edge, capacityBytes, readers: readers.length, engineRun: 1 });
      streams[edge.name] = arena.memory as SharedArrayBuffer;
    }
    const shown: ThreadSpec['shown'] = {};
    for (const edge of built.actors.flatMap((actor) => (actor.kind === 'core' ? (actor.shows ?? []) : []))) {
      shown[edge.name] = {
        kind: 'threads',
        memory: createLatest({ ...edge, engineRun: 1 }).memory as SharedArrayBuffer,
      };
    }
    const core = [built.sequencer, ...built.actors.filter(({ kind }) => kind === 'core')].map(({ name }) => name);
    this.wiring = new CoreWiring(
      {
        thread: 0,
        wires: wires(built),
        engineRun: 1,
        engineId: 1,
        epoch: newEpoch(),
        streams,
        shown,
        peerFiles: [],
        threadOf: {},
        computeThreads: [],
        patient: [],
        doorbells: doorbellMemory(1),
        board: { kind: 'threads', memory: board },
        boardPlan: plan,
        telemetry: true,
        snapshots: {},
      },
      built,
    );
    this.members = core.map((name) => this.wiring.runnable(name, false));
    this.feed = this.wiring.writer(marketData);
    this.reporter = this.wiring.writer(reports);
    this.operator = this.wiring.writer(commands);
    this.orders = this.wiring.reader(approvedOrders, 'execution');
    this.sinks = [this.wiring.reader(log, 'recorder'), this.wiring.reader(approvedOrders, 'recorder')];
    this.keepsOutcomes = options.keepsOutcomes;
    this.venue = new LoopbackVenue(this.reporter, options.instruments);
    this.venue.begin();
    this.publish(this.reporter);
    for (let id = 0; id < options.instruments; id++) writeDefinition(this.feed, id, syntheticInstrument(id));
    this.publish(this.feed);
    // The connection is ready and the account is reconciled before anybody looks.
    this.settle();
  }

  /** Puts one quote of a half-spread of one half into the market data. `mid` in half units, a whole number. */
  quote(instrument: number, mid: number): void {
    const { feed, top } = this;
    top.__init(feed.claim(MessageType.QUOTE, Quote.sizeOf()) + HEADER_BYTES, feed.buffer);
    const { view } = feed.buffer;
    view.setFloat64(top.bb_pos + BID_PRICE, mid / 2 - 0.5, true);
    view.setFloat64(top.bb_pos + ASK_PRICE, mid / 2 + 0.5, true);
    view.setFloat64(top.bb_pos + MARK_PRICE, mid / 2, true);
    view.setFloat64(top.bb_pos + INDEX_PRICE, mid / 2, true);
    top.mutate_instrument(instrument);
    top.mutate_state(1);
    this.publish(feed);
  }

  command(code: CommandCode): void {
    const { operator } = this;
    const offset = operator.claim(MessageType.OPERATOR_COMMAND, OperatorCommand.sizeOf());
    const command = new OperatorCommand().__init(offset + HEADER_BYTES, operator.buffer);
    command.mutate_command(code);
    command.mutate_instrument(EVERY_INSTRUMENT);
    command.mutate_nonce(++this.nonce);
    this.publish(operator);
  }

  /** One turn of the duty cycle, then one of execution and recorder; records that these two read. */
  turn(): number {
    const { members, sinks } = this;
    for (let member = 0; member < members.length; member++) members[member]!.step(EVENTS_PER_STEP);
    let read = this.orders.poll(this.onOrder, EVENTS_PER_STEP);
    for (let sink = 0; sink < sinks.length; sink++) read += sinks[sink]!.poll(this.ignore, EVENTS_PER_STEP);
    return read;
  }

  /** Turns until nothing moves; what reached execution meanwhile. */
  settle(): Outcome[] {
    while (this.turn() > 0);
    return this.outcomes.splice(0).filter(({ action }) => !onlyAsks(action));
  }

  private publish(writer: StreamWriter): void {
    const { stamps, wiring } = this;
    wiring.clock.tick();
    stamps[0] = wiring.clock.now[0]!;
    stamps[1] = stamps[0]!;
    writer.publishStamped(stamps);
  }

  private outcome(type: number, buffer: ViewBuffer, offset: number): Outcome {
    if (type === MessageType.REFUSAL) {
      const refusal = new Refusal().__init(offset + HEADER_BYTES, buffer);
      return { refused: refusal.code(), instrument: refusal.order()!.instrument(), action: 0, side: 0, price: 0 };
    }
    const order = new ApprovedOrder().__init(offset + HEADER_BYTES, buffer);
    return {
      refused: undefined,
      instrument: order.instrument(),
      action: order.action(),
      side: order.side(),
      price: order.price(),
    };
  }
}
