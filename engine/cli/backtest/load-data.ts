import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { binanceTape } from '../../../actors/backtest/perpetual/binance-tape.js';
import { readRecording } from '../../../actors/recording-server/recording.js';
import { WORLD_VERSION } from '../../../actors/venue-sim/world/parameters.js';
import { venueIds } from '../../market/venue.js';
import { parseResolution } from '../history/bars-format.js';
import type { ImportOptions } from '../history/file-format.js';
import { UserError } from '../user-error.js';
import { readBars } from './bars-data.js';
import type { BacktestConfig } from './config.js';
import { type JournalData, lookAtJournal } from './journal-data.js';
import { shareBars, shareTape } from './shared-tape.js';
import type { WorkerSetup } from './worker.js';

/** The data that a configuration names, as the threads that run on it are given it. */
export interface Loaded {
  setup: WorkerSetup;
  journal?: JournalData;
  hash: string;
  source: string;
  /** How the data was read, where the same bytes could have been read otherwise: runs are told apart by it. */
  read?: string;
}

/** Pauses that a market whose books are recorded does not make, seconds. */
const SHORT_PAUSE = 5;

function pauseOf({ pauseSeconds, pausedAt }: JournalData): string {
  if (pauseSeconds <= SHORT_PAUSE) return '';
  return `; its longest hole is of ${Math.round(pauseSeconds)} s from ${new Date(pausedAt / 1000).toISOString()} on`;
}

/** Microseconds since the Unix epoch of an ISO time. */
function micros(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(time) * 1000;
}

/** Reads the data that a configuration names. @throws UserError for what is not there, or cannot be read */
export async function loadData(config: BacktestConfig): Promise<Loaded> {
  const { data } = config;
  switch (data.kind) {
    case 'simulated': {
      const source = `the simulated world, version ${WORLD_VERSION}, ${data.currencies.join(' and ')}, ${data.strikes} strikes an expiry`;
      return { setup: {}, source, hash: createHash('sha256').update(source).digest('hex') };
    }
    case 'binance-depth':
      try {
        const { file, tick, lot } = data;
        const hash = createHash('sha256').update(readFileSync(file)).digest('hex');
        const tape = binanceTape(readRecording(file), { source: file, hash, tick, lot });
        return {
          setup: { tape: shareTape(tape) },
          hash: tape.hash,
          read: `${tick} ${lot}`,
          source: `${tape.instrument}, ${tape.rows} rows, ${tape.levels} levels, of ${data.file}`,
        };
      } catch (error) {
        throw new UserError(`data.file: ${(error as Error).message}`);
      }
    case 'bars':
      try {
        const { file, instrument: name, venue, resolution, tick, lot } = data;
        const said: ImportOptions = { zoneMinutes: 0, venue: venueIds.get(venue)! };
        if (name !== undefined) said.instrument = name;
        if (resolution !== undefined) said.resolutionSeconds = parseResolution(resolution)!;
        const found = await readBars(file, said, { from: micros(data.from), to: micros(data.to) });
        const { bars, instrument, hash, holes, longestHoleSeconds } = found;
        const gaps = holes === 0 ? 'no holes' : `${holes} holes, the longest of ${longestHoleSeconds} s`;
        return {
          setup: { bars: { bars: shareBars(bars), options: { source: file, instrument, hash, tick, lot } } },
          hash,
          read: JSON.stringify([instrument, bars.seconds, data.from, data.to, tick, lot]),
          source: `${instrument}, ${bars.openTime.length} bars of ${bars.seconds} s of ${file}, ${gaps}`,
        };
      } catch (error) {
        throw new UserError(`data.file: ${(error as Error).message}`);
      }
    case 'journal':
      try {
        const from = micros(data.from);
        const to = micros(data.to);
        const journal = await lookAtJournal(data.folder, {
          ...(from === undefined ? {} : { from }),
          ...(to === undefined ? {} : { to }),
        });
        const day = (time: number): string => new Date(time / 1000).toISOString();
        return {
          setup: {},
          journal,
          hash: journal.hash,
          source: `${data.currency}, ${journal.records} records of ${data.folder}, ${day(journal.from)} to ${day(journal.to)}${pauseOf(journal)}`,
        };
      } catch (error) {
        throw new UserError(`data.folder: ${(error as Error).message}`);
      }
  }
}
