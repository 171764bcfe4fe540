import type { DefinitionMemory } from '../../../actors/feed/entry/definition-memory.js';

/** Instruments, and expiries of all underlyings together, that a core has room for. */
export interface Room {
  instruments: number;
  expiries: number;
}

/** Part of the room that is taken when it is time to say so: a chain of two coins lists some hundreds at once, and new ones every day. */
const NEARLY = 0.75;

/**
 * What a journal's instruments leave of the core's room, in words where that is little. An id is never given twice, so what has expired
 * keeps its place for as long as the journal lives; what is listed beyond the room is neither quoted nor counted.
 */
export function littleRoom(definitions: DefinitionMemory, room: Room): string | undefined {
  const ids = new Set<number>();
  const expiries = new Set<string>();
  definitions.read(0, (id, { priceIndex, expiry }) => {
    ids.add(id);
    expiries.add(`${priceIndex} ${expiry}`);
  });
  const taken = [
    { of: 'instruments', found: ids.size, most: room.instruments },
    { of: 'expiries', found: expiries.size, most: room.expiries },
  ].filter(({ found, most }) => found > NEARLY * most);
  if (taken.length === 0) return undefined;
  const found = taken.map(({ of, found, most }) => `${found} ${of} of ${most} that there is room for`).join(' and ');
  return `the journal knows ${found}: what is listed beyond is neither quoted nor counted. Begin a new journal in another folder before (--journal): positions are taken over from the venue`;
}
