import type { Histogram } from '../../engine/telemetry/histogram.js';
import type { Family, MetricSource } from './family.js';

/** Upper bounds of the buckets of latencies, nanoseconds: 1, 2.5 and 5 of each power of ten, from a hop within a thread to a stall. */
export const BUCKETS_NS = [
  250, 500, 1e3, 2.5e3, 5e3, 1e4, 2.5e4, 5e4, 1e5, 2.5e5, 5e5, 1e6, 2.5e6, 5e6, 1e7, 2.5e7, 1e8, 2.5e8, 1e9,
] as const;
const NS = 1e-9;
const BOUNDS = [...BUCKETS_NS.map((nanoseconds) => String(Number((nanoseconds * NS).toPrecision(3)))), '+Inf'];

/** Label sets that are remembered; labels are bounded, but expiries come and go for as long as a gateway runs. */
const MOST_REMEMBERED = 4096;

/**
 * One family as text in the exposition format. prom-client, which tells of the gateway's own process, takes some 5 us a series to put labels into
 * text; what stands before the values never changes here, and is remembered instead.
 */
export class FamilyText {
  private readonly family: Family;
  private readonly head: string;
  private readonly remembered = new Map<string, readonly string[]>();
  private readonly counts = new Float64Array(BOUNDS.length);

  constructor(family: Family) {
    this.family = family;
    const help = family.help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
    this.head = `# HELP ${family.name} ${help}\n# TYPE ${family.name} ${family.type}\n`;
  }

  of(source: MetricSource): string {
    const { family } = this;
    let text = this.head;
    if (family.type === 'histogram') {
      family.read(source, (histogram, ...labels) => {
        text += this.histogram(histogram, labels);
      });
      return text;
    }
    family.read(source, (value, ...labels) => {
      if (!Number.isNaN(value)) text += `${this.starts(labels)[0]!}${number(value)}\n`;
    });
    return text;
  }

  /**
   * The engine's fine buckets, put into Prometheus's. A bucket counts where its middle lies. Its writer goes on meanwhile: the total is
   * therefore that of the buckets that were read, so that they agree.
   */
  private histogram(histogram: Histogram, labels: readonly string[]): string {
    const { counts } = this;
    counts.fill(0);
    let sum = 0;
    let place = 0;
    histogram.forEach((value, count) => {
      while (place < BUCKETS_NS.length && value > BUCKETS_NS[place]!) place++;
      counts[place]! += count;
      sum += value * count;
    });
    const starts = this.starts(labels);
    let total = 0;
    let text = '';
    for (let bucket = 0; bucket < BOUNDS.length; bucket++) {
      total += counts[bucket]!;
      text += `${starts[bucket]!}${total}\n`;
    }
    return `${text}${starts[BOUNDS.length]!}${sum * NS}\n${starts[BOUNDS.length + 1]!}${total}\n`;
  }

  /** What stands before the values of one set of labels. */
  private starts(labels: readonly string[]): readonly string[] {
    const { remembered, family } = this;
    const key = labels.join('\n');
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const { name } = family;
    const pairs = family.labels.map((label, place) => `${label}="${escaped(labels[place] ?? '')}"`);
    const braces = (all: readonly string[]): string => (all.length === 0 ? '' : `{${all.join(',')}}`);
    const made =
      family.type === 'histogram'
        ? [
            ...BOUNDS.map((le) => `${name}_bucket${braces([...pairs, `le="${le}"`])} `),
            `${name}_sum${braces(pairs)} `,
            `${name}_count${braces(pairs)} `,
          ]
        : [`${name}${braces(pairs)} `];
    if (remembered.size >= MOST_REMEMBERED) remembered.clear();
    remembered.set(key, made);
    return made;
  }
}

function escaped(label: string): string {
  return label.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}

function number(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
