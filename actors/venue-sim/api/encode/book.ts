import { Side } from '../../exchange/codes.js';
import type { VenueFloor } from '../floor.js';

/** One step of a book as it was told, kept until there is a turn to write it. */
export interface BookStep {
  instrument: number;
  /** Milliseconds since the Unix epoch. */
  time: number;
  changeId: number;
  previousId: number;
  /** Side, price in ticks, lots before and lots after of each level, four numbers a level. */
  levels: number[];
}

/** Keeps the step that the sink is being told of. */
export function keepStep(venue: VenueFloor, instrument: number, count: number): BookStep {
  const { books, changes, now } = venue.exchange;
  const { side, ticks, before, after } = changes;
  const levels: number[] = [];
  for (let change = 0; change < count; change++) {
    levels.push(side[change]!, ticks[change]!, before[change]!, after[change]!);
  }
  return {
    instrument,
    time: now,
    changeId: books.changeId(instrument),
    previousId: books.previousChangeId(instrument),
    levels,
  };
}

/** A step as the venue tells it, as JSON. */
export function bookStepJson(venue: VenueFloor, step: BookStep): string {
  const { instruments } = venue.exchange;
  const { instrument, levels, time, changeId, previousId } = step;
  let bids = '';
  let asks = '';
  for (let at = 0; at < levels.length; at += 4) {
    const lots = levels[at + 3]!;
    const action = lots === 0 ? '["delete",' : levels[at + 2] === 0 ? '["new",' : '["change",';
    const price = instruments.priceOf(instrument, levels[at + 1]!);
    const level = `${action}${price},${lots === 0 ? 0 : instruments.amountOf(instrument, lots)}]`;
    if (levels[at] === Side.BUY) bids = bids === '' ? level : `${bids},${level}`;
    else asks = asks === '' ? level : `${asks},${level}`;
  }
  return changeText(venue.stamp(time), instruments.definitions[instrument]!.name, changeId, previousId, bids, asks);
}

/** A message of changes from levels that are JSON already. */
export function changeText(
  timestamp: number,
  name: string,
  changeId: number,
  previousId: number,
  bids: string,
  asks: string,
): string {
  return `{"type":"change","timestamp":${timestamp},"prev_change_id":${previousId},"instrument_name":"${name}","change_id":${changeId},"bids":[${bids}],"asks":[${asks}]}`;
}

/** A whole book as the first message of its channel. */
export function bookSnapshotJson(venue: VenueFloor, instrument: number): string {
  const { books, instruments, now } = venue.exchange;
  const { name } = instruments.definitions[instrument]!;
  const bids = levelsText(venue, instrument, Side.BUY, '["new",', Number.POSITIVE_INFINITY);
  const asks = levelsText(venue, instrument, Side.SELL, '["new",', Number.POSITIVE_INFINITY);
  return `{"type":"snapshot","timestamp":${venue.stamp(now)},"instrument_name":"${name}","change_id":${books.changeId(instrument)},"bids":[${bids}],"asks":[${asks}]}`;
}

/** The best levels of a side, each begun by `head`. */
export function levelsText(venue: VenueFloor, instrument: number, side: number, head: string, most: number): string {
  const { books, instruments } = venue.exchange;
  const depth = Math.min(most, books.depth(instrument, side));
  let text = '';
  for (let rank = 0; rank < depth; rank++) {
    const level = books.level(instrument, side, rank);
    const price = instruments.priceOf(instrument, books.levelTicks[level]!);
    const amount = instruments.amountOf(instrument, books.levelLots[level]!);
    text += `${rank === 0 ? '' : ','}${head}${price},${amount}]`;
  }
  return text;
}

/** The best levels of a side with prices grouped into steps of so many ticks, as JSON. */
export function groupedLevels(
  venue: VenueFloor,
  instrument: number,
  side: number,
  group: number,
  most: number,
): string {
  if (group <= 1) return levelsText(venue, instrument, side, '[', most);
  const { books, instruments } = venue.exchange;
  const depth = books.depth(instrument, side);
  let text = '';
  let groups = 0;
  for (let rank = 0; rank < depth && groups < most; ) {
    const step = groupOf(books.levelTicks[books.level(instrument, side, rank)]!, side, group);
    let lots = 0;
    for (; rank < depth; rank++) {
      const level = books.level(instrument, side, rank);
      if (groupOf(books.levelTicks[level]!, side, group) !== step) break;
      lots += books.levelLots[level]!;
    }
    const price = instruments.priceOf(instrument, step);
    text += `${groups++ === 0 ? '' : ','}[${price},${instruments.amountOf(instrument, lots)}]`;
  }
  return text;
}

/** Bids round down to their group, offers up. */
function groupOf(ticks: number, side: number, group: number): number {
  return (side === Side.BUY ? Math.floor(ticks / group) : Math.ceil(ticks / group)) * group;
}
