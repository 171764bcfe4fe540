import { BookTop } from '../../../schemas/generated/book-top.js';
import { Ticker } from '../../../schemas/generated/ticker.js';
import { attachArena } from '../../runtime/arena/arena.js';
import { EdgeKind } from '../../runtime/arena/layout.js';
import { LatestReader } from '../../runtime/edge/latest-reader.js';
import { HEADER_BYTES } from '../../runtime/edge/record.js';
import { openShared, type SharedHandle } from '../../runtime/host/shared-memory.js';
import type { FeedMemory } from './feed-source.js';

const ROWS = 12;
const stateNames = ['', 'live', 'stale', 'crossed', 'empty'];

interface Row {
  name: string;
  /** Looks since the start when it last changed. */
  changed: number;
  state: string;
  bid: string;
  ask: string;
  levels: string;
  mark: string;
  markIv: string;
}

/** What the feed and the books say, as lines for a screen: the instruments that moved last first. */
export function marketLines(
  shown: Record<string, SharedHandle>,
  engineRun: number,
  { definitions, counters }: FeedMemory,
): () => string[] {
  const open = (name: string): LatestReader =>
    new LatestReader(attachArena(openShared(shown[name]!, 'read'), name, EdgeKind.LATEST, engineRun));
  const tops = open('tops-shown');
  const tickers = open('tickers-shown');
  const top = new BookTop();
  const ticker = new Ticker();
  const names: string[] = [];
  const rows = new Map<number, Row>();
  let read = 0;
  let looks = 0;
  let messages = 0;
  let lookedMs = performance.now();

  const rowOf = (id: number): Row => {
    let row = rows.get(id);
    if (row === undefined) {
      const name = names[id] ?? `#${id}`;
      row = { name, changed: 0, state: '', bid: '', ask: '', levels: '', mark: '', markIv: '' };
      rows.set(id, row);
    }
    row.changed = looks;
    return row;
  };

  return () => {
    looks++;
    read = definitions.read(read, (id, { name }) => {
      names[id] = name;
    });
    tops.poll((_type, buffer, offset, id) => {
      top.__init(offset + HEADER_BYTES, buffer);
      const row = rowOf(id);
      row.state = stateNames[top.state()] ?? '';
      row.bid = quote(top.bidAmount(), top.bidPrice());
      row.ask = quote(top.askAmount(), top.askPrice());
      row.levels = `${top.bidLevels()}/${top.askLevels()}`;
    }, Number.POSITIVE_INFINITY);
    tickers.poll((_type, buffer, offset, id) => {
      ticker.__init(offset + HEADER_BYTES, buffer);
      const row = rowOf(id);
      row.mark = plain(ticker.markPrice());
      row.markIv = Number.isNaN(ticker.markIv()) ? '' : `${(100 * ticker.markIv()).toFixed(2)} %`;
    }, Number.POSITIVE_INFINITY);

    const count = counters.read();
    const now = performance.now();
    const rate = ((count.messages - messages) / Math.max(1, now - lookedMs)) * 1000;
    messages = count.messages;
    lookedMs = now;
    const reasons = Object.entries(count.reasons).map(([reason, times]) => `${times} ${reason}`);
    const refused =
      count.malformed +
      count.missing +
      count.wrongType +
      count.outOfRange +
      count.unknownChannel +
      count.unknownSubject +
      count.tooLong +
      count.tooMany +
      count.binary;
    return [
      `feed        ${count.connectionsUp} up, ${count.instruments} instruments, ${count.channels} channels (${count.deniedChannels} not to be had); ` +
        `${count.messages} messages, ${rate.toFixed(0)}/s, ${(count.bytes / 1e6).toFixed(2)} MB; ` +
        `venue's clock ${(count.clockOffsetMicros / 1000).toFixed(1)} ms ahead within ${(count.roundTripMicros / 2000).toFixed(1)}`,
      `decoded     ${count.scanned} scanned, ${count.parsed} parsed, ${refused} refused; ${count.books} books, ${count.tickers} tickers, ${count.trades} trades, ${count.tops} tops, ${count.indices} indices`,
      `quality     ${count.good} good, ${count.repaired} repaired, ${count.quarantined} quarantined, ${count.dropped} dropped${reasons.length > 0 ? ` (${reasons.join(', ')})` : ''}; ` +
        `outages ${count.outages}, open ${count.outagesOpen}, asked anew ${count.resubscribed}, reconnected ${Math.max(0, count.connects - 1)}`,
      `${'book'.padEnd(22)}${'state'.padEnd(9)}${'bid'.padStart(20)}${'offer'.padStart(20)}${'levels'.padStart(10)}${'mark'.padStart(13)}${'mark vol'.padStart(11)}`,
      ...[...rows.values()]
        .sort((a, b) => b.changed - a.changed || (a.name < b.name ? -1 : 1))
        .slice(0, ROWS)
        .map(
          ({ name, state, bid, ask, levels, mark, markIv }) =>
            `${name.padEnd(22)}${state.padEnd(9)}${bid.padStart(20)}${ask.padStart(20)}${levels.padStart(10)}${mark.padStart(13)}${markIv.padStart(11)}`,
        ),
    ];
  };
}

function quote(amount: number, price: number): string {
  return Number.isNaN(price) ? '-' : `${plain(amount)} @ ${plain(price)}`;
}

function plain(value: number): string {
  return Number.isNaN(value) ? '' : String(Number(value.toPrecision(9)));
}
