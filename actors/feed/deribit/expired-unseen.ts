import { type Instrument, InstrumentKind, LifeCycle } from '../../../engine/market/instrument.js';

/** A venue may settle for some seconds after an expiry, and lists what it settles: nothing is given up before this. */
const SETTLES_FOR_MICROS = 60e6;

/**
 * Instruments of a venue that have expired, that it lists no more, and of which nobody has said so: they ended while the engine or its connection
 * was down, and the venue tells of an end but once. What is held of them is delivered when the log hears of it.
 *
 * @param listed names of all that the venue lists
 * @param now venue's time, microseconds since the Unix epoch
 */
export function expiredUnseen(
  known: Iterable<[id: number, instrument: Instrument]>,
  venue: number,
  listed: ReadonlySet<string>,
  now: number,
): number[] {
  return [...known].flatMap(([id, { venue: of, kind, name, state, expiry }]) => {
    const isOurs = of === venue && kind !== InstrumentKind.INDEX && state !== LifeCycle.EXPIRED;
    return isOurs && expiry + SETTLES_FOR_MICROS <= now && !listed.has(name) ? [id] : [];
  });
}
