import { currentLayouts } from '../../engine/journal/layouts.js';
import { loadSigningKey } from '../../engine/journal/signing-key.js';
import { JournalWriter } from '../../engine/journal/writer.js';
import type { IoActor, IoContext } from '../../engine/runtime/actor/definition.js';
import { HeaderOffset } from '../../engine/runtime/edge/record.js';
import type { StreamReader } from '../../engine/runtime/edge/stream-reader.js';
import { ActorCounter } from '../../engine/runtime/supervision/board.js';
import { RiskBan } from '../../engine/runtime/supervision/engine-state.js';
import { MessageType } from '../../schemas/message-type.js';
import { KEPT, TOLD } from './kept-streams.js';
import { StageDigest } from './stage-digest.js';
import { SyncLag } from './sync-lag.js';

export interface RecorderConfig {
  /** The journal's folder; without it nothing is kept, and the stages' digests are shown at the end only. */
  folder?: string;
  /** File of the key that signs the journal's heads; made at its first use. */
  keyFile?: string;
}

/** Records taken from one input before the next has its turn. */
const RECORDS_PER_TURN = 1024;
/** A block that is not full by then is sealed all the same: this much may be lost when the process is killed. */
const SEAL_MS = 250;
/** Looks after which a block is sealed that holds nothing but what the engine's own timers bring forth: the next ones bring it forth again. */
const QUIET_LOOKS = 4;
/** Records that tell of nothing that was heard, done or decided. */
const QUIET_TYPES: readonly number[] = [MessageType.TIMER_FIRED, MessageType.TIMER_REQUEST, MessageType.WORST_CASE];
const SIGN_MS = 60_000;

/**
 * Writes the log and every approved order to the journal, and digests of what the other stages said. A gated reader: what
 * it cannot write it does not take, so that a slow disk shows as a log that fills, and never as a hole.
 */
class Recorder implements IoActor {
  private readonly context: IoContext<RecorderConfig>;
  private readonly journal: JournalWriter | undefined;
  private readonly words: Int32Array[];
  /** One for each input behind those that are kept whole. */
  private readonly digests: StageDigest[];
  private readonly isTold: boolean[];
  private readonly counters: Float64Array;
  private readonly lag = new SyncLag();
  private readonly isQuiet = new Uint8Array(1 << 16);
  /** The block under way holds more than such records. */
  private hasNews = false;
  private quietLooks = 0;
  private timers: NodeJS.Timeout[] = [];
  private complained = false;

  constructor(context: IoContext<RecorderConfig>) {
    this.context = context;
    const { folder, keyFile } = context.config;
    if (folder !== undefined && keyFile !== undefined) {
      this.journal = new JournalWriter({ folder, key: loadSigningKey(keyFile), layouts: currentLayouts(MessageType) });
    }
    for (const type of QUIET_TYPES) this.isQuiet[type] = 1;
    this.words = context.inputs.map(({ arena }) => new Int32Array(arena.memory, arena.dataOffset));
    const digested = context.inputs.slice(KEPT.length).map(({ arena }) => arena.name);
    this.digests = digested.map((name) => new StageDigest((seq, hash) => this.journal?.digest(name, seq, hash)));
    this.isTold = digested.map((stream) => TOLD.some(({ name }) => name === stream));
    this.counters = context.board.actorCounters(context.actor);
  }

  start(): void {
    this.timers = [
      setInterval(() => {
        this.seal();
        this.goOn();
        this.show();
      }, SEAL_MS),
      setInterval(() => this.journal?.sign(Date.now() * 1000), SIGN_MS),
    ];
  }

  turn(): number {
    let taken = 0;
    for (let input = 0; input < KEPT.length; input++)
      taken += this.keep(this.context.inputs[input]!, this.words[input]!);
    for (let place = 0; place < this.digests.length; place++) {
      const input = this.context.inputs[KEPT.length + place]!;
      const digest = this.digests[place]!;
      if (this.isTold[place]!) taken += this.keep(input, this.words[KEPT.length + place]!, digest);
      else taken += input.poll(digest.onRecord, RECORDS_PER_TURN);
    }
    return taken;
  }

  async close(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    const { journal, context } = this;
    if (journal === undefined) return;
    await journal.close(Date.now() * 1000);
    this.show();
    const end = journal.state === 'closed' ? `the journal ends at log event ${journal.synced}` : journal.problem;
    context.log(journal.state === 'closed' ? 'info' : 'error', end);
  }

  private seal(): void {
    if (!this.hasNews && ++this.quietLooks < QUIET_LOOKS) return;
    // What does not fit now is sealed at the next look.
    if (this.journal?.seal() === false) return;
    this.hasNews = false;
    this.quietLooks = 0;
  }

  /** Takes records while the journal does. */
  private keep(input: StreamReader, words: Int32Array, digest?: StageDigest): number {
    const { journal } = this;
    let taken = 0;
    input.refresh();
    while (taken < RECORDS_PER_TURN) {
      const offset = input.peek();
      if (offset < 0) break;
      const length = words[(offset + HeaderOffset.LENGTH) >> 2]!;
      // Timers that a stage asks for are proven by its digest, and fire into the log.
      const isKept = digest === undefined || input.typeAt(offset) !== MessageType.TIMER_REQUEST;
      if (isKept && journal !== undefined && !journal.append(words, offset, length, input.seqAt(offset))) {
        this.complain(journal);
        break;
      }
      if (this.isQuiet[input.typeAt(offset)] === 0) this.hasNews = true;
      digest?.onRecord(input.typeAt(offset), input.buffer, offset);
      input.advance(offset);
      taken++;
    }
    input.release();
    this.counters[ActorCounter.RECORDS]! += taken;
    return taken;
  }

  /** The disk takes no more: risk is reduced at once, and the filling log kills the engine if it stays so. */
  private complain(journal: JournalWriter): void {
    if (journal.state === 'open' || this.complained) return;
    this.complained = true;
    this.context.board.forbidRisk(RiskBan.JOURNAL_FULL);
    this.context.log('error', `${journal.problem}: no new risk is taken`);
  }

  /** Somebody has made room: the log drains into the journal, and risk may be taken again. */
  private goOn(): void {
    const { journal } = this;
    if (journal === undefined || !journal.recover()) return;
    this.complained = false;
    this.context.log('info', 'there is room on the disk again: the journal goes on');
    this.context.board.allowRisk(RiskBan.JOURNAL_FULL);
  }

  private show(): void {
    if (this.journal === undefined) return;
    this.counters[ActorCounter.COMMITTED] = this.journal.committed;
    this.counters[ActorCounter.SYNCED] = this.journal.synced;
    this.counters[ActorCounter.JOURNAL_LAG_MS] = this.lag.look(
      this.journal.position,
      this.journal.synced,
      performance.now(),
    );
  }
}

export function create(context: IoContext<RecorderConfig>): IoActor {
  return new Recorder(context);
}
