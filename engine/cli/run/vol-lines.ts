import { FilterFlag, UNUSABLE } from '../../../actors/filter/filter-flags.js';
import { ExpiryState } from '../../../schemas/generated/expiry-state.js';
import { UnderlyingState } from '../../../schemas/generated/underlying-state.js';
import { attachArena } from '../../runtime/arena/arena.js';
import { EdgeKind } from '../../runtime/arena/layout.js';
import { LatestReader } from '../../runtime/edge/latest-reader.js';
import { HEADER_BYTES } from '../../runtime/edge/record.js';
import { openShared, type SharedHandle } from '../../runtime/host/shared-memory.js';
import type { FeedMemory } from './feed-source.js';

const MOST_EXPIRIES = 12;
const regimes = ['unknown', 'calm', 'normal', 'stressed', 'jump'];
/** What each bit is called on the screen. */
const words: readonly (readonly [flag: number, word: string])[] = [
  [FilterFlag.NO_SURFACE, 'no surface'],
  [FilterFlag.INDEX_STALE, 'index stale'],
  [FilterFlag.STALE, 'stale'],
  [FilterFlag.FORWARD_JUMP, 'forward jumped'],
  [FilterFlag.NEAR_EXPIRY, 'ends'],
  [FilterFlag.NO_TWO_SIDED, 'no two-sided quote'],
  [FilterFlag.ONE_STRIKE, 'one strike'],
  [FilterFlag.FORWARD_CARRIED, 'forward carried'],
  [FilterFlag.BOUNDED, 'at its bound'],
  [FilterFlag.FALLBACK, 'refit failed'],
  [FilterFlag.ADJUSTMENT_CUT, 'shift cut'],
  [FilterFlag.ADJUSTED, 'shifted'],
  [FilterFlag.DEGRADED, 'degraded'],
];

interface UnderlyingRow {
  text: string;
  option: number;
}

interface ExpiryRow {
  underlying: number;
  option: number;
  time: number;
  isOver: boolean;
  cells: string;
}

/** The flags of a value as words, the gravest first; `fresh` where there is none. */
export function flagText(flags: number): string {
  const said = words.filter(([flag]) => (flags & flag) !== 0).map(([, word]) => word);
  return said.length === 0 ? 'fresh' : said.slice(0, 3).join(', ');
}

/** What the volatility filter knows, as lines for a screen: forward, vol, skew, forecast and condition of every expiry. */
export function volLines(
  shown: Record<string, SharedHandle>,
  engineRun: number,
  { definitions }: Pick<FeedMemory, 'definitions'>,
): () => string[] {
  const open = (name: string): LatestReader =>
    new LatestReader(attachArena(openShared(shown[name]!, 'read'), name, EdgeKind.LATEST, engineRun));
  const expiries = open('expiries-shown');
  const underlyings = open('underlyings-shown');
  const expiry = new ExpiryState();
  const underlying = new UnderlyingState();
  const names: string[] = [];
  let read = 0;
  const nameOf = (instrument: number): string | undefined => names[instrument];
  const rows = new Map<number, ExpiryRow>();
  const heads = new Map<number, UnderlyingRow>();

  return () => {
    read = definitions.read(read, (id, { name }) => {
      names[id] = name;
    });
    underlyings.poll((_type, buffer, offset, key) => {
      heads.set(key, {
        text: underlyingText(underlying.__init(offset + HEADER_BYTES, buffer)),
        option: underlying.option(),
      });
    }, Number.POSITIVE_INFINITY);
    expiries.poll((_type, buffer, offset, key) => {
      expiry.__init(offset + HEADER_BYTES, buffer);
      rows.set(key, {
        underlying: expiry.underlying(),
        option: expiry.option(),
        time: expiry.expiryTime(),
        isOver: (expiry.flags() & FilterFlag.NEAR_EXPIRY) !== 0 && expiry.years() < 1e-7,
        cells: expiryText(expiry),
      });
    }, Number.POSITIVE_INFINITY);
    if (heads.size === 0) return [];
    const lines: string[] = [];
    for (const [key, head] of [...heads].sort(([a], [b]) => a - b)) {
      const name = underlyingName(nameOf(head.option)) ?? `#${key}`;
      lines.push(`${name.padEnd(12)}${head.text}`);
    }
    lines.push(HEADER);
    const living = [...rows.values()].filter(({ isOver }) => !isOver);
    living.sort((a, b) => a.underlying - b.underlying || a.time - b.time);
    // Each underlying has its share of the lines.
    const each = Math.max(1, Math.floor(MOST_EXPIRIES / heads.size));
    for (const key of [...heads.keys()].sort((a, b) => a - b)) {
      for (const row of living.filter(({ underlying: owner }) => owner === key).slice(0, each)) {
        lines.push(`${(expiryName(nameOf(row.option)) ?? dateText(row.time)).padEnd(16)}${row.cells}`);
      }
    }
    return lines;
  };
}

const HEADER =
  `${'expiry'.padEnd(16)}${'forward'.padStart(12)}${'+-'.padStart(8)}${'vol'.padStart(9)}${'+-'.padStart(7)}${'skew'.padStart(9)}` +
  `${'25d rr'.padStart(9)}${'25d bf'.padStart(9)}${'forecast'.padStart(10)}${'fit age'.padStart(9)}${'inside'.padStart(8)}  condition`;

function underlyingText(state: UnderlyingState): string {
  const parts = [
    `index ${state.index().toFixed(2)}`,
    `vol 1s ${percent(state.vol1s())} 1m ${percent(state.vol1m())} 15m ${percent(state.vol15m())} 1h ${percent(state.vol1h())}`,
    `30d implied ${percent(state.implied30d())} forecast ${percent(state.forecast30d())} premium ${percent(state.riskPremium())}`,
    `${regimes[state.regime()] ?? ''} (${(100 * state.percentile()).toFixed(0)}th percentile)`,
    flagText(state.flags()),
  ];
  return parts.join('; ');
}

function expiryText(state: ExpiryState): string {
  const width = 0.5 * (state.forwardUpper() - state.forwardLower());
  const hasSurface = state.atmVol() > 0;
  const usable = (state.flags() & UNUSABLE) === 0;
  const of = (text: string): string => (hasSurface ? text : '-');
  return [
    (state.forward() > 0 ? state.forward().toFixed(2) : '-').padStart(12),
    (state.forward() > 0 ? width.toFixed(2) : '').padStart(8),
    of(percent(state.atmVol())).padStart(9),
    of((100 * state.atmUncertainty()).toFixed(2)).padStart(7),
    of(state.skew().toFixed(3)).padStart(9),
    of(percent(state.riskReversal25())).padStart(9),
    of(percent(state.butterfly25())).padStart(9),
    (state.forecastVol() > 0 ? percent(state.forecastVol()) : '-').padStart(10),
    of(`${state.fitAge().toFixed(0)} s`).padStart(9),
    of(`${(100 * state.insideShare()).toFixed(0)} %`).padStart(8),
    `  ${usable ? '' : '! '}${flagText(state.flags())}`,
  ].join('');
}

/** `BTC` of `BTC-27MAR26-90000-C`. */
function underlyingName(option: string | undefined): string | undefined {
  return option?.split('-')[0];
}

/** `BTC-27MAR26` of `BTC-27MAR26-90000-C`. */
function expiryName(option: string | undefined): string | undefined {
  return option?.split('-').slice(0, 2).join('-');
}

function dateText(micros: number): string {
  return new Date(micros / 1000).toISOString().slice(0, 16);
}

function percent(value: number): string {
  return value === 0 ? '-' : `${(100 * value).toFixed(2)} %`;
}
