import { describe, expect, it } from 'vitest';
import { parseExpiry } from '../../engine/market/instrument-name.js';
import { ExpiryState } from '../../schemas/generated/expiry-state.js';
import { InstrumentRow } from '../../schemas/generated/instrument-row.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { MergeTopic } from '../topics/topic.js';
import { CommandTargets } from './command-targets.js';

const day = (text: string): number => parseExpiry(text)!;
const BTC = 0;
const ETH = 1;
const LISTED: [underlying: number, base: string, expiry: number, strike: number][] = [
  [BTC, 'BTC', Number.POSITIVE_INFINITY, Number.NaN],
  [BTC, 'BTC', day('27MAR26'), 90_000],
  [BTC, 'BTC', day('27MAR26'), 95_000],
  [BTC, 'BTC', day('26JUN26'), 90_000],
  [ETH, 'ETH', day('25DEC26'), 3000],
];

function targets(listed = LISTED, smiles?: MergeTopic): CommandTargets {
  const definition = {
    name: 'instruments',
    class: 'MERGE',
    rowType: MessageType.INSTRUMENT_ROW,
    row: 'InstrumentRow',
  } as const;
  const topic = new MergeTopic(
    { ...definition, stride: InstrumentRow.sizeOf(), keys: 16, text: true, role: 'viewer' },
    0,
  );
  const buffer = new ViewBuffer(new ArrayBuffer(InstrumentRow.sizeOf()));
  const row = new InstrumentRow().__init(0, buffer);
  const show = (): void =>
    listed.forEach(([underlying, base, expiry, strike], id) => {
      row.mutate_underlying(underlying);
      row.mutate_expiry(expiry);
      row.mutate_strike(strike);
      topic.set(id, 0, buffer, 0, `${base}-${id}\t${base}\t${base}`);
    });
  return new CommandTargets(topic, show, smiles);
}

function shownSmiles(fitted: [underlying: number, expiry: number][]): MergeTopic {
  const definition = {
    name: 'expiries',
    class: 'MERGE',
    rowType: MessageType.EXPIRY_STATE,
    row: 'ExpiryState',
  } as const;
  const stride = ExpiryState.sizeOf();
  const topic = new MergeTopic({ ...definition, stride, keys: 8, text: false, role: 'viewer' }, 1);
  const buffer = new ViewBuffer(new ArrayBuffer(stride));
  const row = new ExpiryState().__init(0, buffer);
  fitted.forEach(([underlying, expiry], key) => {
    row.mutate_underlying(underlying);
    row.mutate_expiryTime(expiry);
    topic.set(key, 0, buffer, 0);
  });
  return topic;
}

describe('the target of a command', () => {
  it('may be whatever is listed, and everything', () => {
    const known = targets();
    for (const target of [
      {},
      { instrument: 4 },
      { underlying: ETH },
      { underlying: BTC, expiry: day('26JUN26') },
      { underlying: BTC, strike: 95_000 },
    ]) {
      expect(known.objection(target)).toBeUndefined();
    }
  });

  it('is refused by what there is instead, the nearest first', () => {
    const known = targets();
    expect(known.objection({ underlying: BTC, expiry: day('27MAR99') })).toBe(
      'BTC has no expiry 27MAR99: the nearest of those listed are 27MAR26, 26JUN26',
    );
    expect(known.objection({ underlying: BTC, expiry: day('25DEC26') })).toMatch(/^BTC has no expiry 25DEC26/);
    expect(known.objection({ underlying: BTC, expiry: day('27MAR26') + 1e6 })).toMatch(/at 2026-03-27T08:00:01/);
    expect(known.objection({ underlying: 7 })).toBe('there is no underlying 7: 0 is BTC, 1 is ETH');
    expect(known.objection({ underlying: BTC, strike: 91_000 })).toBe(
      'BTC has no option of strike 91000: the nearest are 90000, 95000',
    );
    expect(known.objection({ instrument: 5 })).toMatch(/^there is no instrument 5: .* all 5$/);
  });

  it('is a smile that is fitted, by the number that the filter gave it', () => {
    const smiles = shownSmiles([
      [BTC, day('27MAR26')],
      [ETH, day('25DEC26')],
    ]);
    const known = targets(LISTED, smiles);
    expect(known.objection({ underlying: BTC, smile: 0 })).toBeUndefined();
    expect(known.objection({ underlying: BTC, smile: 1 })).toBe('BTC has no smile 1: 0 is 27MAR26');
    expect(targets(LISTED, shownSmiles([])).objection({ underlying: BTC, smile: 5 })).toBeUndefined();
  });

  it('is left to the engine while no instrument is shown', () => {
    expect(targets([]).objection({ underlying: 7 })).toBeUndefined();
  });
});
