import type { WriteStream } from 'node:tty';
import { ActorCounter, type Board } from '../../runtime/supervision/board.js';
import { EngineStateCode, engineStateName, riskBanTexts } from '../../runtime/supervision/engine-state.js';
import { KillReason, killReasonText } from '../../runtime/supervision/kill-reason.js';
import { ThreadCounter } from '../../runtime/supervision/thread-line.js';
import type { Placement } from '../../runtime/topology/placement.js';

const NOTES_KEPT = 5;
/** Without a terminal the screen would be a flood: one line now and then. */
const PLAIN_EVERY_MS = 5000;

/** The engine's hops and threads as a table that is drawn over itself; plain lines where there is no terminal. */
export class LatencyScreen {
  private readonly out: WriteStream;
  private more: () => string[] = () => [];
  private board: Board | undefined;
  private placement: Placement | undefined;
  private notes: string[] = [];
  private drawnLines = 0;
  private lastPlain = 0;
  private started = 0;
  private lastDraw = 0;
  private lastCounts: number[] = [];

  constructor(out: WriteStream) {
    this.out = out;
  }

  /** `more`: lines below the table, made anew at each look. */
  begin(board: Board, placement: Placement, more: () => string[] = () => []): void {
    this.more = more;
    this.board = board;
    this.placement = placement;
    this.started = performance.now();
    this.lastDraw = this.started;
    this.draw();
  }

  note(text: string): void {
    // One entry a line: what is drawn is counted in lines, so that it can be drawn over.
    if (this.out.isTTY) this.notes = [...this.notes, ...text.split('\n')].slice(-NOTES_KEPT);
    else this.out.write(`${text}\n`);
  }

  draw(): void {
    const now = performance.now();
    if (!this.out.isTTY && now - this.lastPlain < PLAIN_EVERY_MS && this.lastPlain !== 0) return;
    this.lastPlain = now;
    const lines = this.table(now);
    if (this.out.isTTY) {
      const up = this.drawnLines > 0 ? `\x1b[${this.drawnLines}A` : '';
      // A terminal without a size says 0.
      const width = this.out.columns || Number.POSITIVE_INFINITY;
      this.out.write(`${up}${lines.map((line) => `\x1b[2K${line.slice(0, width)}\n`).join('')}\x1b[0J`);
      this.drawnLines = lines.length;
    } else {
      this.out.write(`${lines.join('\n')}\n`);
    }
  }

  end(why: string): void {
    this.lastPlain = 0;
    this.draw();
    this.out.write(`ended: ${why}\n`);
  }

  private table(now: number): string[] {
    const { board, placement } = this;
    if (board === undefined || placement === undefined) return [];
    const seconds = ((now - this.started) / 1000).toFixed(0);
    const killed = board.killed();
    const bans = board.state === EngineStateCode.REDUCING ? ` (${riskBanTexts(board.riskBans).join('; ')})` : '';
    const state = `${engineStateName(board.state)}${bans}`;
    const lines = [
      `volfilter  ${state}${killed === KillReason.NONE ? '' : ` (killed: ${killReasonText(killed)})`}  ${seconds} s   q ends`,
      `${'hop'.padEnd(12)}${'thread'.padEnd(11)}${'events/s'.padStart(9)}${'wait p50'.padStart(10)}${'p99'.padStart(9)}${'p99.9'.padStart(9)}${'max'.padStart(9)}${'work p50'.padStart(10)}${'p99'.padStart(9)}${'max'.padStart(9)}  us`,
    ];
    const { actors } = board.plan;
    const since = (now - this.lastDraw) / 1000;
    this.lastDraw = now;
    actors.forEach((name, actor) => {
      const counters = board.actorCounters(actor);
      const records = counters[ActorCounter.RECORDS]!;
      const before = this.lastCounts[actor];
      // At the first look nobody knows for how long it has been counted.
      const rate = before === undefined || since === 0 ? '-' : ((records - before) / since).toFixed(0);
      this.lastCounts[actor] = records;
      const waiting = board.waitingHistogram(actor);
      const service = board.serviceHistogram(actor);
      if (waiting.count === 0) return;
      const thread = placement.threads.find(({ actors: members }) => members.includes(name))?.name ?? '';
      const micros = (ns: number): string => (Number.isNaN(ns) ? '-' : (ns / 1000).toFixed(ns < 10_000 ? 2 : 0));
      lines.push(
        `${name.padEnd(12)}${thread.padEnd(11)}${rate.padStart(9)}` +
          `${micros(waiting.quantile(0.5)).padStart(10)}${micros(waiting.quantile(0.99)).padStart(9)}${micros(waiting.quantile(0.999)).padStart(9)}${micros(waiting.max).padStart(9)}` +
          `${micros(service.quantile(0.5)).padStart(10)}${micros(service.quantile(0.99)).padStart(9)}${(service.count === 0 ? '-' : micros(service.max)).padStart(9)}`,
      );
    });
    placement.threads.forEach(({ name, cpu, kind }, thread) => {
      const { counters } = board.thread(thread);
      const gc = `${counters[ThreadCounter.GC_COUNT]} collections, longest ${counters[ThreadCounter.GC_MAX_MS]!.toFixed(2)} ms`;
      const lag =
        kind === 'io'
          ? `, loop lag ${counters[ThreadCounter.LOOP_LAG_MAX_MS]!.toFixed(1)} ms`
          : `, slept ${counters[ThreadCounter.PARKED]} times`;
      lines.push(`${name.padEnd(12)}${kind} thread${cpu === undefined ? '' : ` on CPU ${cpu}`}: ${gc}${lag}`);
    });
    return [...lines, ...this.more(), ...this.notes];
  }
}
