import { InstrumentKind, LifeCycle } from '../../../engine/market/instrument.js';
import type { Exchange } from '../exchange/exchange.js';
import { instrumentJson } from './encode/instrument.js';
import { invalidParam } from './rpc/errors.js';

const kindNames: Record<number, string> = {
  [InstrumentKind.OPTION]: 'option',
  [InstrumentKind.FUTURE]: 'future',
  [InstrumentKind.PERPETUAL]: 'future',
  [InstrumentKind.SPOT]: 'spot',
  [InstrumentKind.OPTION_COMBO]: 'option_combo',
  [InstrumentKind.FUTURE_COMBO]: 'future_combo',
};

/** Currencies of the venue that may have nothing here. */
const FOREIGN_CURRENCIES = [
  'USDC',
  'USDT',
  'EURR',
  'SOL',
  'XRP',
  'MATIC',
  'PAXG',
  'BNB',
  'STETH',
  'ETHW',
  'USDE',
  'USYC',
];

/** Whether a kind is meant by another, which may be `any`, or `combo` for both of them. */
export function isKind(asked: string, kind: string): boolean {
  return asked === 'any' || asked === kind || (asked === 'combo' && kind.endsWith('_combo'));
}

/** What is listed, and the venue's names of it: instruments, kinds, currencies, indices. */
export class Listing {
  readonly indexNames: readonly string[];
  readonly #exchange: Exchange;
  readonly #texts = new Map<number, { state: number; text: string }>();
  readonly #underlyings = new Map<number, string>();
  readonly #lists = new Map<string, number[]>();

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
    this.indexNames = exchange.config.indices.map(({ name }) => name);
  }

  /** Id of a listed instrument. Throws `Invalid params` where there is none of that name. */
  instrument(name: string): number {
    const id = this.#exchange.instruments.idOf(name);
    if (id < 0) throw invalidParam('instrument_name', 'wrong format');
    return id;
  }

  /** A currency's name as a filter; undefined for any. Throws where the venue has none of that name. */
  currencyOf(name: string): string | undefined {
    if (name === 'any') return undefined;
    if (!this.isCurrency(name)) throw invalidParam('currency', 'invalid currency');
    return name;
  }

  isCurrency(name: string): boolean {
    return FOREIGN_CURRENCIES.includes(name) || this.#exchange.config.currencies.some((one) => one.name === name);
  }

  /** Place of a currency that accounts hold. */
  currencyNumber(name: string): number {
    const currency = this.#exchange.config.currencies.findIndex((one) => one.name === name);
    if (currency < 0) throw invalidParam('currency', 'invalid currency');
    return currency;
  }

  /** Place of an index. */
  indexOf(name: string): number {
    const index = this.indexNames.indexOf(name);
    if (index < 0) throw invalidParam('index_name', 'invalid index name');
    return index;
  }

  /** Kind of an instrument in the venue's words. */
  kindName(instrument: number): string {
    return kindNames[this.#exchange.instruments.kind[instrument]!] ?? 'option';
  }

  /** Whether an instrument is settled in a currency and of a kind; undefined means any. */
  isOf(instrument: number, currency: string | undefined, kind: string | undefined): boolean {
    const definition = this.#exchange.instruments.definitions[instrument]!;
    if (currency !== undefined && definition.settlementCurrency !== currency) return false;
    return kind === undefined || isKind(kind, this.kindName(instrument));
  }

  /** Ids of the instruments of a currency and a kind that are listed, or of those that have expired. */
  list(currency: string | undefined, kind: string | undefined, expired: boolean): readonly number[] {
    const key = `${currency} ${kind} ${expired}`;
    let list = this.#lists.get(key);
    if (list === undefined) {
      const { instruments } = this.#exchange;
      list = [];
      for (let id = 0; id < instruments.size; id++) {
        const isGone = instruments.state[id] === LifeCycle.EXPIRED;
        if (isGone === expired && this.isOf(id, currency, kind)) list.push(id);
      }
      this.#lists.set(key, list);
    }
    return list;
  }

  /** What is listed has changed. */
  listChanged(): void {
    this.#lists.clear();
    this.#underlyings.clear();
  }

  /** An instrument's definition as JSON, made once for each state. */
  instrumentText(id: number, state: number): string {
    let known = this.#texts.get(id);
    if (known === undefined || known.state !== state) {
      known = { state, text: instrumentJson(this.#exchange.instruments, id, this.kindName(id)) };
      this.#texts.set(id, known);
    }
    return known.text;
  }

  /** What an option's forward is taken from: the future of its expiry, or a synthetic one where none is listed. */
  underlyingName(instrument: number, name: string): string {
    let underlying = this.#underlyings.get(instrument);
    if (underlying === undefined) {
      const future = name.split('-').slice(0, 2).join('-');
      const id = this.#exchange.instruments.idOf(future);
      const isListed = id >= 0 && this.#exchange.instruments.state[id] !== LifeCycle.EXPIRED;
      underlying = isListed ? future : `SYN.${future}`;
      this.#underlyings.set(instrument, underlying);
    }
    return underlying;
  }
}
