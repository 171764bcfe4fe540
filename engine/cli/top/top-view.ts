import { type EngineStateCode, engineStateName } from '../../runtime/supervision/engine-state.js';
import type { Row } from '../client/row.js';
import { formatTable } from '../table.js';

/** What one look at a running engine found: rows of the gateway's topics, and when it was, in milliseconds of any steady clock. */
export interface TopLook {
  atMs: number;
  engine: readonly Row[];
  latency: readonly Row[];
  threads: readonly Row[];
  edges: readonly Row[];
}

export const TOP_ORDERS = ['topology', 'rate', 'waiting', 'work'] as const;
/** By what the actors stand in order. */
export type TopOrder = (typeof TOP_ORDERS)[number];

/** Streams that fit under actors and threads on a usual terminal. */
const MOST_STREAMS = 10;
const ALIVE = 1;
const ASLEEP = 2;
const IO = 4;

function of(row: Row, field: string): number {
  const value = row[field];
  return typeof value === 'number' ? value : Number.NaN;
}

function textOf(row: Row): readonly string[] {
  return String(row.text ?? '').split('\t');
}

/** Nanoseconds as microseconds. */
function micros(row: Row, field: string): string {
  const nanoseconds = of(row, field);
  if (!Number.isFinite(nanoseconds)) return '-';
  return (nanoseconds / 1000).toFixed(nanoseconds < 10_000 ? 2 : 0);
}

function whole(value: number): string {
  return Number.isFinite(value) ? value.toFixed(0) : '-';
}

/** Growth a second of a counter since the look before; one that went back belongs to an engine that was started anew. */
function rates(rows: readonly Row[], before: readonly Row[] | undefined, field: string, seconds: number): number[] {
  const known = new Map(before?.map((row) => [row.key, of(row, field)]));
  return rows.map((row) => {
    const grown = of(row, field) - (known.get(row.key) ?? Number.NaN);
    return grown >= 0 && seconds > 0 ? grown / seconds : Number.NaN;
  });
}

/** A look as lines for a terminal: the engine, its actors with their hops, its threads, and the streams that are the fullest. */
export function topLines(now: TopLook, before: TopLook | undefined, order: TopOrder): string[] {
  const seconds = before === undefined ? 0 : (now.atMs - before.atMs) / 1000;
  return [
    ...engineLines(now),
    '',
    ...actorLines(now, before, order, seconds),
    '',
    ...threadLines(now, before, seconds),
    '',
    ...streamLines(now, before, seconds),
  ];
}

function engineLines({ engine: [engine] }: TopLook): string[] {
  if (engine === undefined) return ['no word of the engine yet'];
  const killed = engine.text === '' || engine.text === undefined ? '' : ` (killed: ${String(engine.text)})`;
  const clients = `${whole(of(engine, 'clients'))} screens, ${whole(of(engine, 'lagging'))} behind`;
  return [`${engineStateName(of(engine, 'state') as EngineStateCode)}${killed}   ${clients}`];
}

function actorLines({ latency }: TopLook, before: TopLook | undefined, order: TopOrder, seconds: number): string[] {
  const rate = rates(latency, before?.latency, 'records', seconds);
  const size = (row: Row, place: number): number => {
    const value = order === 'rate' ? rate[place]! : of(row, order === 'waiting' ? 'waitingP99' : 'serviceP99');
    return Number.isNaN(value) ? -1 : value;
  };
  const rows = latency.map((row, place) => ({ row, place, size: size(row, place) }));
  if (order !== 'topology') rows.sort((a, b) => b.size - a.size || a.place - b.place);
  return table(
    ['actor', 'records/s', 'wait p50', 'p99', 'p99.9', 'max', 'work p50', 'p99', 'p99.9', 'max us', 'gated'],
    rows.map(({ row, place }) => [
      textOf(row)[0]!,
      whole(rate[place]!),
      ...['waitingP50', 'waitingP99', 'waitingP999', 'waitingMax'].map((field) => micros(row, field)),
      ...['serviceP50', 'serviceP99', 'serviceP999', 'serviceMax'].map((field) => micros(row, field)),
      whole(of(row, 'gated')),
    ]),
  );
}

function threadLines({ threads }: TopLook, before: TopLook | undefined, seconds: number): string[] {
  const collected = rates(threads, before?.threads, 'collectionMs', seconds);
  return table(
    ['thread', 'kind', 'state', 'collections', 'ms/s', 'longest ms', 'loop lag ms', 'slept'],
    threads.map((row, place) => {
      const flags = of(row, 'flags');
      const state = (flags & ALIVE) === 0 ? 'DEAD' : (flags & ASLEEP) === 0 ? 'runs' : 'sleeps';
      const isIo = (flags & IO) !== 0;
      return [
        textOf(row)[0]!,
        isIo ? 'io' : 'compute',
        state,
        whole(of(row, 'collections')),
        Number.isNaN(collected[place]!) ? '-' : collected[place]!.toFixed(1),
        of(row, 'longestCollectionMs').toFixed(1),
        isIo ? of(row, 'loopLagMaxMs').toFixed(1) : '-',
        whole(of(row, 'parked')),
      ];
    }),
  );
}

/** Readers of streams, those first whose queue fills most of its room. */
function streamLines({ edges }: TopLook, before: TopLook | undefined, seconds: number): string[] {
  const rate = rates(edges, before?.edges, 'taken', seconds);
  const share = (row: Row, field: string): number => of(row, field) / of(row, 'capacityBytes');
  const rows = edges
    .map((row, place) => ({ row, place }))
    .sort(
      (a, b) =>
        share(b.row, 'waitingBytes') - share(a.row, 'waitingBytes') ||
        share(b.row, 'highWaterBytes') - share(a.row, 'highWaterBytes') ||
        a.place - b.place,
    )
    .slice(0, MOST_STREAMS);
  const percent = (part: number): string => (Number.isFinite(part) ? `${(part * 100).toFixed(1)} %` : '-');
  return table(
    ['queue', 'reader', 'taken/s', 'filled', 'most ever', 'no room'],
    rows.map(({ row, place }) => {
      const [stream = '', , reader = ''] = textOf(row);
      return [
        stream,
        reader,
        whole(rate[place]!),
        percent(share(row, 'waitingBytes')),
        percent(share(row, 'highWaterBytes')),
        whole(of(row, 'full')),
      ];
    }),
  );
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return formatTable(headings, rows).trimEnd().split('\n');
}
