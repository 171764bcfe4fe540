import type { QualityCounters } from '../../../engine/market/quality/counters.js';

/** Instruments that are named one by one. */
const NAMED = 5;

/** What became of a feed's records, in lines for people: of all together, and of the instruments with the most that were not good. */
export function qualityReport(quality: QualityCounters, nameOf: (instrument: number) => string): string[] {
  const { good, repaired, quarantined, dropped, reasons } = quality.total();
  return [
    `${good} records good, ${repaired} repaired, ${quarantined} quarantined, ${dropped} dropped${listed(reasons)}`,
    ...quality.worst(NAMED).map(({ instrument, reasons: own }) => `of ${nameOf(instrument)}${listed(own)}`),
  ];
}

function listed(reasons: Readonly<Record<string, number>>): string {
  return Object.entries(reasons)
    .map(([reason, count]) => `, ${count} ${reason}`)
    .join('');
}
