import {
  barsOf,
  instrumentsOf,
  type Stretch,
  tradesOf,
  volatilityIndex,
  volatilityOf,
} from '../../../actors/feed/deribit/history/history-methods.js';
import type { DeribitRest } from '../../../actors/feed/deribit/history/rest-client.js';
import { deducedInstrument } from '../../market/deduced-instrument.js';
import type { Instrument } from '../../market/instrument.js';
import { Venue } from '../../market/venue.js';
import type { HistoryRow } from '../../store/history/history-row.js';
import type { HistoryWriter, SectionReport } from '../../store/history/history-writer.js';
import type { SeriesKind } from '../../store/history/record-identity.js';
import { UserError } from '../user-error.js';

export const backfillKinds = ['instruments', 'bars', 'trades', 'volatility'] as const;
export type BackfillKind = (typeof backfillKinds)[number];

/** What is to be asked of the venue. */
export interface BackfillPlan extends Stretch {
  kinds: readonly BackfillKind[];
  currencies: readonly string[];
  /** The venue's names; where there are none, `kind` and the currencies choose. */
  instruments: readonly string[];
  /** Kind of the instruments of the currencies: option, future, spot. */
  kind?: string;
  /** Length of bars, seconds. */
  resolutionSeconds: number;
  /** Asks for all of the stretch, also for what the journal holds. */
  all: boolean;
  /** Told what is being asked. */
  progress: (text: string) => void;
}

export interface BackfillReport {
  sections: SectionReport[];
  /** Instruments that are new or known better now. */
  defined: number;
  /** The venue's entries that could not be understood. */
  refused: string[];
}

/** Asks for what the journal lacks, stretch by stretch, and adds it. Whatever was added stays when it is ended halfway. */
export async function backfill(
  writer: HistoryWriter,
  rest: DeribitRest,
  url: string,
  plan: BackfillPlan,
): Promise<BackfillReport> {
  const report: BackfillReport = { sections: [], defined: 0, refused: [] };
  const instruments = await chosen(writer, rest, plan, report);
  const ask = async (
    instrument: Instrument,
    kind: SeriesKind,
    what: string,
    rows: (stretch: Stretch) => AsyncIterable<HistoryRow>,
  ) => {
    const { from, to } = plan;
    const stretches = plan.all ? [{ from, to }] : writer.ledger.missing(instrument, kind, from, to);
    const asked = async function* (): AsyncIterable<HistoryRow> {
      for (const stretch of stretches) {
        plan.progress(`${what} from ${isoText(stretch.from)} to ${isoText(stretch.to)}`);
        // A stretch between two trades is asked with both of them.
        yield* rows({ from: Math.floor(stretch.from), to: Math.min(to, stretch.to + (kind === 'trades' ? 1000 : 0)) });
      }
    };
    report.sections.push(await writer.add({ source: `${url} ${what}`, sha256: '', format: kind }, asked()));
  };
  if (plan.kinds.includes('bars')) {
    const kind: SeriesKind = `bars ${plan.resolutionSeconds}`;
    for (const instrument of instruments) {
      await ask(instrument, kind, `${instrument.name} bars`, (stretch) =>
        barsOf(rest, instrument, plan.resolutionSeconds, stretch),
      );
    }
  }
  if (plan.kinds.includes('trades')) {
    for (const instrument of instruments) {
      await ask(instrument, 'trades', `${instrument.name} trades`, (stretch) => tradesOf(rest, instrument, stretch));
    }
  }
  if (plan.kinds.includes('volatility')) {
    for (const currency of plan.currencies) {
      const index = volatilityIndex(currency);
      await ask(index, `bars ${plan.resolutionSeconds}`, `${index.name} bars`, (stretch) =>
        volatilityOf(rest, currency, plan.resolutionSeconds, stretch),
      );
    }
  }
  return report;
}

/** The instruments to ask for; their definitions are kept where the venue lists them. */
async function chosen(
  writer: HistoryWriter,
  rest: DeribitRest,
  plan: BackfillPlan,
  report: BackfillReport,
): Promise<Instrument[]> {
  const named = plan.instruments.map((name) => {
    const instrument = deducedInstrument(Venue.DERIBIT, name);
    if (instrument === undefined) throw new UserError(`'${name}' is no instrument name of deribit`);
    return instrument;
  });
  const perInstrument = plan.kinds.includes('bars') || plan.kinds.includes('trades');
  if (!plan.kinds.includes('instruments') && (named.length > 0 || !perInstrument)) return named;
  const listed: Instrument[] = [];
  for (const currency of plan.currencies) {
    plan.progress(`instruments of ${currency}`);
    const { instruments, refused } = await instrumentsOf(rest, currency, plan.kind);
    listed.push(...instruments);
    report.refused.push(...refused);
  }
  report.defined = await writer.define(listed, plan.from);
  if (named.length > 0) return named;
  // One that was listed after the stretch, or was gone before it, has nothing in it.
  return listed.filter(({ created, expiry }) => created < plan.to && expiry > plan.from);
}

function isoText(micros: number): string {
  return new Date(micros / 1000).toISOString();
}
