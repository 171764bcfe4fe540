import { ActorCounter, type Board } from '../../engine/runtime/supervision/board.js';
import { KillReason, killReasonText } from '../../engine/runtime/supervision/kill-reason.js';
import { ThreadCounter } from '../../engine/runtime/supervision/thread-line.js';
import type { Histogram } from '../../engine/telemetry/histogram.js';
import { EngineStatus } from '../../schemas/generated/engine-status.js';
import { HopLatency } from '../../schemas/generated/hop-latency.js';
import { ThreadRow } from '../../schemas/generated/thread-row.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { HopBuckets } from './hop-buckets.js';
import type { TopicSource } from './sources.js';
import type { MergeTopic } from './topic.js';

/** Looks at histograms and threads no more often than this: nobody sees more, and a quantile costs a walk over its cells. */
const LOOK_EVERY_MS = 500;

/** What the gateway knows of itself. */
export interface OwnCounters {
  clients: number;
  lagging: number;
  frames: number;
  /** USD that the assistant has cost since 00:00 UTC; absent before its first question. */
  spent?(): number;
}

export interface BoardTopics {
  engine: MergeTopic;
  latency: MergeTopic;
  threads: MergeTopic;
  buckets: MergeTopic;
}

/** The engine's board as topics: its state, the latencies of its hops, the signs of life of its threads. */
export class BoardSource implements TopicSource {
  private readonly board: Board;
  private readonly topics: BoardTopics;
  private readonly engineRun: number;
  private readonly own: OwnCounters;
  private readonly row = new ViewBuffer(new ArrayBuffer(256));
  private readonly hop = new HopLatency().__init(0, this.row);
  private readonly thread = new ThreadRow().__init(0, this.row);
  private readonly status = new EngineStatus().__init(0, this.row);
  private readonly buckets: HopBuckets;
  private lookedMs = Number.NEGATIVE_INFINITY;
  private before = '';

  constructor(board: Board, topics: BoardTopics, engineRun: number, own: OwnCounters) {
    this.board = board;
    this.topics = topics;
    this.engineRun = engineRun;
    this.own = own;
    this.buckets = new HopBuckets(topics.buckets);
  }

  poll(): void {
    const now = performance.now();
    const { board } = this;
    const killed = board.killed();
    const due = now - this.lookedMs >= LOOK_EVERY_MS;
    const state = `${board.state} ${killed} ${this.own.clients} ${this.own.lagging}`;
    if (due || state !== this.before) this.tellEngine(killed);
    this.before = state;
    if (!due) return;
    this.lookedMs = now;
    board.plan.actors.forEach((name, actor) => {
      this.tellHop(name, actor);
    });
    board.plan.threads.forEach((name, thread) => {
      this.tellThread(name, thread);
    });
  }

  private tellEngine(killed: KillReason): void {
    const { status, board, own } = this;
    this.row.bytes().fill(0);
    status.mutate_state(board.state);
    status.mutate_killed(killed);
    status.mutate_engineRun(this.engineRun);
    status.mutate_heartbeat(board.heartbeat() >>> 0);
    status.mutate_clients(own.clients);
    status.mutate_lagging(own.lagging);
    status.mutate_frames(own.frames);
    this.topics.engine.set(0, wallMicros(), this.row, 0, killed === KillReason.NONE ? '' : killReasonText(killed));
  }

  private tellHop(name: string, actor: number): void {
    const { hop, board } = this;
    const counters = board.actorCounters(actor);
    const waiting = board.waitingHistogram(actor);
    const service = board.serviceHistogram(actor);
    this.row.bytes().fill(0);
    hop.mutate_actor(actor);
    hop.mutate_records(counters[ActorCounter.RECORDS]!);
    hop.mutate_events(counters[ActorCounter.EVENTS]!);
    hop.mutate_gated(counters[ActorCounter.GATED]!);
    hop.mutate_conflated(counters[ActorCounter.CONFLATED]!);
    hop.mutate_waitingP50(quantile(waiting, 0.5));
    hop.mutate_waitingP99(quantile(waiting, 0.99));
    hop.mutate_waitingP999(quantile(waiting, 0.999));
    hop.mutate_waitingMax(quantile(waiting, 1));
    hop.mutate_serviceP50(quantile(service, 0.5));
    hop.mutate_serviceP99(quantile(service, 0.99));
    hop.mutate_serviceP999(quantile(service, 0.999));
    hop.mutate_serviceMax(quantile(service, 1));
    this.topics.latency.set(actor, wallMicros(), this.row, 0, name);
    this.buckets.tell(actor, wallMicros(), waiting, service);
  }

  private tellThread(name: string, thread: number): void {
    const line = this.board.thread(thread);
    const { counters } = line;
    const row = this.thread;
    this.row.bytes().fill(0);
    row.mutate_thread(thread);
    row.mutate_flags((line.alive ? 1 : 0) | (line.idle ? 2 : 0) | (line.io ? 4 : 0));
    row.mutate_parked(counters[ThreadCounter.PARKED]!);
    row.mutate_woken(counters[ThreadCounter.WOKEN]!);
    row.mutate_collections(counters[ThreadCounter.GC_COUNT]!);
    row.mutate_collectionMs(counters[ThreadCounter.GC_MS]!);
    row.mutate_longestCollectionMs(counters[ThreadCounter.GC_MAX_MS]!);
    row.mutate_loopLagMaxMs(counters[ThreadCounter.LOOP_LAG_MAX_MS]!);
    row.mutate_turns(line.turns() >>> 0);
    this.topics.threads.set(thread, wallMicros(), this.row, 0, name);
  }
}

function quantile(histogram: Histogram, share: number): number {
  if (histogram.count === 0) return Number.NaN;
  return share === 1 ? histogram.max : histogram.quantile(share);
}

function wallMicros(): number {
  return Date.now() * 1000;
}
