import { compareQuotes, compareReturns, type Distance } from '../../../actors/testing/world/calibration.js';
import type { BenchResult } from '../../report.js';

/** Worlds whose quotes are looked at, virtual seconds that each runs, and every which recorded snapshot is read. */
const WORLDS = 10;
const SECONDS = 60;
const SNAPSHOTS = 3;

/** Paths whose returns are looked at, and days of each. */
const PATHS = 16;
const DAYS = 30;

/** The part that is furthest off, in words. */
function worst({ parts, measure }: Distance): string {
  const off = (one: { simulated: number; recorded: number }): number =>
    Math.abs(measure === 'ratio' ? Math.log(one.simulated / one.recorded) : one.simulated - one.recorded);
  const furthest = parts.reduce((most, part) => (off(part) > off(most) ? part : most));
  const figures = `${furthest.simulated.toPrecision(3)} simulated, ${furthest.recorded.toPrecision(3)} recorded`;
  return `${parts.length} compared; furthest: ${furthest.name} ${figures}${furthest.unit === '' ? '' : ` ${furthest.unit}`}`;
}

/** Unit of a distance: of a ratio the mean absolute logarithm, of a difference the unit of what is compared. */
function unitOf({ measure, parts }: Distance): string {
  return measure === 'ratio' ? 'log ratio' : (parts[0]?.unit ?? '');
}

/** How far the simulated market is from the recorded one, by statistic; nothing where recordings are absent. */
export function calibrationResults(progress: (line: string) => void): BenchResult[] {
  progress('venue: the simulated market beside the recorded one');
  const distances = [...(compareQuotes(WORLDS, SECONDS, SNAPSHOTS) ?? []), ...(compareReturns(PATHS, DAYS) ?? [])];
  return distances.map((one) => ({
    name: `distance: ${one.name}`,
    unit: unitOf(one),
    value: one.value,
    note: worst(one),
  }));
}
