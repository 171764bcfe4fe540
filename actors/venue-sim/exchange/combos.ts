import { type Instrument, InstrumentKind } from '../../../engine/market/instrument.js';
import { formatInstrumentName, NEVER } from '../../../engine/market/instrument-name.js';

/** One leg as it is asked for: so much of it, negative where it is sold. */
export interface ComboPart {
  definition: Instrument;
  ratio: number;
}

/** A structure: its code, and its legs' ratios, in the order of their names. */
interface Structure {
  strategy: string;
  ratios: readonly number[];
}

/**
 * The combination of some legs as the venue defines it, and the side of it that they are: legs that are all the other way round
 * are the same combination, sold. Undefined where they are no structure that the venue has a name for.
 */
export function comboOf(parts: readonly ComboPart[]): Instrument | undefined {
  if (parts.length < 2 || !haveOneSettlement(parts)) return undefined;
  const sorted = [...parts].sort(byName);
  const structure = structureOf(sorted);
  if (structure === undefined) return undefined;
  const unit = sorted[0]!.ratio / structure.ratios[0]!;
  if (!sorted.every(({ ratio }, place) => Math.abs(ratio - unit * structure.ratios[place]!) < 1e-9 * Math.abs(ratio))) {
    return undefined;
  }
  const definitions = sorted.map(({ definition }) => definition);
  const first = definitions[0]!;
  const isOption = first.kind === InstrumentKind.OPTION;
  return {
    ...first,
    name: nameOf(structure.strategy, definitions),
    kind: isOption ? InstrumentKind.OPTION_COMBO : InstrumentKind.FUTURE_COMBO,
    strike: Number.NaN,
    expiry: Math.min(...definitions.map(({ expiry }) => expiry)),
    minimumAmount: Math.max(...definitions.map(({ minimumAmount }) => minimumAmount)),
    legs: definitions.map(({ name }, place) => ({ instrument: name, ratio: structure.ratios[place]! })),
  };
}

/**
 * What each leg trades at when a combination trades at a price: all but the first at their marks, the first at what is left.
 * @param marks of the legs
 */
export function legPrices(ratios: ArrayLike<number>, marks: readonly number[], price: number): number[] {
  let rest = price;
  for (let leg = 1; leg < marks.length; leg++) rest -= ratios[leg]! * marks[leg]!;
  const first = rest / ratios[0]!;
  if (first < 0 && marks.length === 2) return [0, price / ratios[1]!];
  return [first, ...marks.slice(1)];
}

function haveOneSettlement(parts: readonly ComboPart[]): boolean {
  const { priceIndex, settlementCurrency } = parts[0]!.definition;
  const names = new Set(parts.map(({ definition }) => definition.name));
  return (
    names.size === parts.length &&
    parts.every(
      ({ definition, ratio }) =>
        definition.priceIndex === priceIndex && definition.settlementCurrency === settlementCurrency && ratio !== 0,
    )
  );
}

/** Options by expiry, strike and right; of futures the last to expire first, and the perpetual behind all. */
function byName({ definition: a }: ComboPart, { definition: b }: ComboPart): number {
  if (a.kind !== InstrumentKind.OPTION) return last(b) - last(a);
  return a.expiry - b.expiry || a.strike - b.strike || (a.right === b.right ? 0 : a.right === 'call' ? -1 : 1);
}

function last({ expiry }: Instrument): number {
  return expiry === NEVER ? 0 : expiry;
}

function structureOf(parts: readonly ComboPart[]): Structure | undefined {
  const definitions = parts.map(({ definition }) => definition);
  if (definitions.every(({ kind }) => kind === InstrumentKind.FUTURE || kind === InstrumentKind.PERPETUAL)) {
    return parts.length === 2 ? { strategy: 'FS', ratios: [1, -1] } : undefined;
  }
  if (!definitions.every(({ kind }) => kind === InstrumentKind.OPTION)) return undefined;
  if (parts.length === 2) return pairOf(parts);
  return parts.length === 3 ? butterflyOf(definitions) : undefined;
}

function pairOf(parts: readonly ComboPart[]): Structure | undefined {
  const [a, b] = parts.map(({ definition }) => definition) as [Instrument, Instrument];
  const goSameWay = parts[0]!.ratio > 0 === parts[1]!.ratio > 0;
  const isOneDay = a.expiry === b.expiry;
  const isOneStrike = a.strike === b.strike;
  if (a.right !== b.right) {
    if (!isOneDay) return undefined;
    if (goSameWay) return { strategy: isOneStrike ? 'STRD' : 'STRG', ratios: [1, 1] };
    // The lower strike is the put of a risk reversal; with the call below there is no name for it.
    if (isOneStrike) return { strategy: 'REV', ratios: [1, -1] };
    return a.right === 'put' ? { strategy: 'RR', ratios: [-1, 1] } : undefined;
  }
  if (goSameWay) return undefined;
  const letter = a.right === 'call' ? 'C' : 'P';
  // The vertical that costs something: of puts the higher strike is worth more.
  if (isOneDay) return { strategy: `${letter}S`, ratios: a.right === 'call' ? [1, -1] : [-1, 1] };
  return { strategy: isOneStrike ? `${letter}CAL` : `${letter}DIAG`, ratios: [-1, 1] };
}

function butterflyOf(definitions: readonly Instrument[]): Structure | undefined {
  const [low, middle, high] = definitions as [Instrument, Instrument, Instrument];
  const isOneDay = low.expiry === middle.expiry && middle.expiry === high.expiry;
  const isOneRight = low.right === middle.right && middle.right === high.right;
  const isEven = Math.abs(middle.strike - low.strike - (high.strike - middle.strike)) < 1e-9 * high.strike;
  if (!isOneDay || !isOneRight || !isEven) return undefined;
  return { strategy: low.right === 'call' ? 'CBUT' : 'PBUT', ratios: [1, -2, 1] };
}

function nameOf(strategy: string, definitions: readonly Instrument[]): string {
  const { baseCurrency: base, inverse, counterCurrency } = definitions[0]!;
  const isOption = definitions[0]!.kind === InstrumentKind.OPTION;
  return formatInstrumentName({
    kind: 'combo',
    base,
    quote: inverse ? undefined : counterCurrency,
    strategy,
    expiries: [...new Set(definitions.map(({ expiry }) => expiry))],
    strikes: isOption ? [...new Set(definitions.map(({ strike }) => strike))] : [],
  });
}
