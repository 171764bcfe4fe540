import { libc } from '../../../../engine/runtime/native/libc.js';
import { Collections } from './collections.js';
import { MicrosHistogram } from './micros-histogram.js';

/** A turn that is longer holds up whoever shares the core, microseconds. */
const LONGEST_TURN_MICROS = 100;

/** One turn of so many is measured by its thread's clock: on some machines to read that takes as long as a turn. No common factor with the few turns of a request. */
const MEASURED_OF = 53;
/** Long turns that are remembered until somebody asks what they were. */
const MOST_LONG = 10_000;
const COLLECTION = 'collection of garbage';

/** A turn that worked for longer than the limit. */
interface LongTurn {
  /** On the clock of `performance.now`, milliseconds. */
  begin: number;
  end: number;
  workedMicros: number;
  did: string;
}

/** How long the venue's turns are: no more than a tenth of a millisecond each, so that it can share a core. */
export class Turns {
  count = 0;
  /** Turns over the limit by the clock on the wall, which goes on while somebody else has the core. */
  over = 0;
  /** Lengths by the clock on the wall. */
  readonly lasted = new MicrosHistogram();
  /** Turns that were measured by the time that their thread had a core; and those of them that worked longer than the limit. */
  readonly worked = new MicrosHistogram();
  overInWork = 0;
  readonly #did: () => string;
  #long: LongTurn[] = [];
  #collections: Collections | undefined;
  #measuredOf = MEASURED_OF;
  #begin = 0;
  #workBegin = 0;
  #isMeasured = false;
  readonly #libc = libc();
  /** Seconds and nanoseconds: halves of two int64, which are read without making big numbers of them. */
  readonly #time = new BigInt64Array(2);
  readonly #words = new Uint32Array(this.#time.buffer);

  /** @param did what the turn that ends did last, in words: asked of long turns alone */
  constructor(did: () => string) {
    this.#did = did;
  }

  /** Begins to measure anew: one turn of so many from now on, and with what garbage the long ones met. */
  measure(oneOf: number): void {
    this.#measuredOf = oneOf;
    this.#collections ??= new Collections();
    this.count = 0;
    this.over = 0;
    this.overInWork = 0;
    this.lasted.clear();
    this.worked.clear();
    this.#long = [];
  }

  begin(): void {
    this.#isMeasured = this.count % this.#measuredOf === 0;
    if (this.#isMeasured) this.#workBegin = this.#workMicros();
    this.#begin = performance.now();
  }

  /** Microseconds since the turn began. */
  get micros(): number {
    return (performance.now() - this.#begin) * 1000;
  }

  end(): void {
    const { micros } = this;
    this.count++;
    this.lasted.record(micros);
    if (micros > LONGEST_TURN_MICROS) this.over++;
    if (!this.#isMeasured) return;
    const worked = this.#workMicros() - this.#workBegin;
    this.worked.record(worked);
    if (worked <= LONGEST_TURN_MICROS) return;
    this.overInWork++;
    if (this.#long.length >= MOST_LONG) return;
    this.#long.push({
      begin: this.#begin,
      end: this.#begin + micros / 1000,
      workedMicros: worked,
      did: this.#did(),
    });
  }

  /** What was counted, by the names of `sim/get_counters`. */
  counters(): Record<string, unknown> {
    const { lasted, worked } = this;
    const long = this.#long.map((turn) => ({ ...turn, did: this.#reason(turn) }));
    const longest = long.reduce<LongTurn | undefined>(
      (most, turn) => (most !== undefined && most.workedMicros >= turn.workedMicros ? most : turn),
      undefined,
    );
    const byWork: Record<string, number> = {};
    for (const { did } of long) byWork[did] = (byWork[did] ?? 0) + 1;
    return {
      turns: this.count,
      turns_over_100_us: this.over,
      longest_turn_us: Math.round(lasted.most[0]!),
      turn_99_us_below: lasted.quantile(0.99),
      turns_measured: worked.count,
      turns_measured_working_over_100_us: this.overInWork,
      turns_working_over_100_us_by_work: byWork,
      turn_work_us: {
        p50: worked.quantile(0.5),
        p99: worked.quantile(0.99),
        p999: worked.quantile(0.999),
        max: Math.round(worked.most[0]!),
      },
      longest_work: longest?.did ?? '',
    };
  }

  close(): void {
    this.#collections?.close();
  }

  #reason({ begin, end, did }: LongTurn): string {
    return this.#collections?.touched(begin, end) === true ? COLLECTION : did;
  }

  /**
   * Time that the thread has had a core, microseconds. Without the C library it is that of the whole process, whose other threads
   * are the runtime's.
   */
  #workMicros(): number {
    if (this.#libc === undefined) {
      const { user, system } = process.cpuUsage();
      return user + system;
    }
    this.#libc.readThreadTime(this.#time);
    return this.#words[0]! * 1e6 + this.#words[2]! / 1000;
  }
}
