import { formatExpiry } from '../../engine/market/instrument-name.js';
import { ExpiryState } from '../../schemas/generated/expiry-state.js';
import { InstrumentRow } from '../../schemas/generated/instrument-row.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import type { MergeTopic } from '../topics/topic.js';

/** What a command is of, by the engine's numbers; what it does not name is left out. */
export interface Target {
  underlying?: number | undefined;
  /** Microseconds since the Unix epoch. */
  expiry?: number | undefined;
  /** Counter currency. */
  strike?: number | undefined;
  instrument?: number | undefined;
  /** The filter's index of an expiry, of this underlying. */
  smile?: number | undefined;
}

interface Listed {
  underlying: number;
  expiry: number;
  strike: number;
}

/** Expiries that an answer names, the nearest to what was asked for. */
const NEAREST = 8;

/** Whether what a command is of is listed: a wrong name is answered by the right ones, before it is in the log. */
export class CommandTargets {
  private readonly instruments: MergeTopic;
  private readonly smiles: MergeTopic | undefined;
  private readonly refresh: () => void;
  private readonly row = new InstrumentRow();
  private readonly buffer: ViewBuffer;

  /** @param refresh brings instruments and smiles up to date */
  constructor(instruments: MergeTopic, refresh: () => void, smiles?: MergeTopic) {
    this.instruments = instruments;
    this.smiles = smiles;
    this.refresh = refresh;
    this.buffer = new ViewBuffer(instruments.rows.buffer);
  }

  /**
   * What is wrong with a target, and what there is instead; undefined where it is listed. Where no instrument is shown yet nothing is known here, and the
   * engine itself refuses.
   */
  objection({ underlying, expiry, strike, instrument, smile }: Target): string | undefined {
    const listed = this.listed();
    if (listed.size === 0) return undefined;
    if (instrument !== undefined && !listed.has(instrument)) {
      return `there is no instrument ${instrument}: GET /api/v1/instruments lists all ${listed.size}`;
    }
    if (underlying === undefined) return undefined;
    const all = [...listed.entries()].filter(([, each]) => each.underlying === underlying);
    if (all.length === 0) return `there is no underlying ${underlying}: ${this.underlyings(listed)}`;
    const name = this.nameOf(all[0]![0]);
    if (expiry !== undefined && !all.some(([, each]) => each.expiry === expiry)) {
      const days = nearest(all, expiry, (each) => each.expiry).map(formatExpiry);
      return `${name} has no expiry ${dayOf(expiry)}: the nearest of those listed are ${days.join(', ')}`;
    }
    if (strike !== undefined && !all.some(([, each]) => each.strike === strike)) {
      return `${name} has no option of strike ${strike}: the nearest are ${nearest(all, strike, (each) => each.strike).join(', ')}`;
    }
    return smile === undefined ? undefined : this.smileObjection(underlying, name, smile);
  }

  private smileObjection(underlying: number, name: string, smile: number): string | undefined {
    const { smiles } = this;
    if (smiles === undefined) return undefined;
    const row = new ExpiryState();
    const buffer = new ViewBuffer(smiles.rows.buffer);
    const days: string[] = [];
    let isThere = false;
    smiles.since(0, (key) => {
      row.__init(key * smiles.definition.stride, buffer);
      if (row.underlying() !== underlying) return;
      days.push(`${key} is ${formatExpiry(row.expiryTime())}`);
      isThere ||= key === smile;
    });
    // Before the first fit there is no smile to be shifted, and none to be named.
    return isThere || days.length === 0 ? undefined : `${name} has no smile ${smile}: ${days.join(', ')}`;
  }

  private listed(): Map<number, Listed> {
    const { instruments, row, buffer } = this;
    this.refresh();
    const found = new Map<number, Listed>();
    instruments.since(0, (key) => {
      row.__init(key * instruments.definition.stride, buffer);
      found.set(key, { underlying: row.underlying(), expiry: row.expiry(), strike: row.strike() });
    });
    return found;
  }

  private underlyings(listed: Map<number, Listed>): string {
    const names = new Map<number, string>();
    for (const [key, { underlying }] of listed) {
      if (!names.has(underlying)) names.set(underlying, `${underlying} is ${this.nameOf(key)}`);
    }
    return [...names.values()].join(', ');
  }

  /** Base currency of an instrument, the second part of its text. */
  private nameOf(key: number): string {
    return this.instruments.texts?.[key]?.split('\t')[1] ?? `underlying of instrument ${key}`;
  }
}

function nearest(all: readonly [number, Listed][], to: number, value: (each: Listed) => number): number[] {
  const values = [...new Set(all.map(([, each]) => value(each)).filter(Number.isFinite))];
  values.sort((a, b) => Math.abs(a - to) - Math.abs(b - to));
  return values.slice(0, NEAREST).sort((a, b) => a - b);
}

/** A day in the venue's way of writing, and the time as it was given where it is none of its expiries. */
function dayOf(expiry: number): string {
  const time = new Date(expiry / 1000);
  if (Number.isNaN(time.getTime())) return String(expiry);
  const isAtExpiry = expiry % 86_400e6 === 8 * 3600e6;
  return isAtExpiry ? formatExpiry(expiry) : `at ${time.toISOString()}`;
}
