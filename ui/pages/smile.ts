import { Curves } from '../chart/curves.js';
import { button, h, setText } from '../dom.js';
import { fixed, price, signed, vol } from '../format.js';
import { command } from '../net/http.js';
import { expiries, theos, tickers } from '../topics/first.js';
import { filterFlags } from './codes.js';
import { bitNames } from './listing.js';
import type { OpenPage } from './page.js';
import { expiryBar } from './target-bar.js';

/** A fit that misses mids by more than this many points of volatility is not to be trusted. */
const TRUSTED_POINTS = 1;

/** Bids and offers of more than this many times theo say that nobody trades there, and would press the smile flat. */
const MOST_OF_THEO = 2;

/** Volatility by strike: bids and offers as dots, the theoretical value as a line. */
export const open: OpenPage = (host) => {
  const theoRows = host.table(theos);
  const tickerRows = host.table(tickers);
  const slices = host.table(expiries);
  const bar = expiryBar(host, 'SMILE');
  const facts = h('p', 'note');
  const curves = new Curves({
    x: 'strike, USD',
    y: 'volatility, %',
    curves: [
      { label: 'theo', tone: 'amber' },
      { label: 'bid', tone: 'up', dots: true },
      { label: 'ask', tone: 'down', dots: true },
      { label: 'venue mark', tone: 'dim' },
    ],
  });
  const field = (label: string) => {
    const input = h('input', '', [], { type: 'number', step: 'any', value: '0' });
    return { input, element: h('label', '', [label, input]) };
  };
  const atm = field('ATM, points');
  const skew = field('skew, vol per ln strike');
  const forward = field('forward, USD');
  const form = h('div', 'form', [
    atm.element,
    skew.element,
    forward.element,
    button('Shift', () => void shift(Number(atm.input.value), Number(skew.input.value), Number(forward.input.value))),
    button('Take back', () => void shift(0, 0, 0)),
    h('span', 'dim', ['added to the fit of this expiry by hand; quotes follow; asks first']),
  ]);
  host.body.append(bar.element, facts, curves.element, form);

  /** Gives a trader's adjustment of this expiry, after a question. */
  async function shift(points: number, skewShift: number, forwardShift: number): Promise<void> {
    const slice = sliceSlot(bar.expiry());
    if (slice < 0) return host.say('this expiry has no surface yet: there is nothing to shift');
    if (![points, skewShift, forwardShift].every(Number.isFinite)) return host.say('a shift is a number');
    const { underlying, expiry } = { underlying: slices.at(slice).underlying(), expiry: slices.at(slice).expiry() };
    const isZero = points === 0 && skewShift === 0 && forwardShift === 0;
    const asked = isZero
      ? 'Take back every shift of this expiry?'
      : `Shift this expiry: ATM ${signed(points, 2)} points, skew ${signed(skewShift, 3)}, forward ${signed(forwardShift, 2)} USD? Quotes follow at once.`;
    if (!(await host.confirm(asked))) return;
    const outcome = await command(
      'POST',
      '/api/v1/smile-adjustments',
      { underlying, expiry, atmShift: points / 100, skewShift, forwardShift },
      (question) => host.confirm(question),
    );
    host.say(
      outcome.ok ? 'sent; the line above the chart shows the shift in force' : `NOT CONFIRMED: ${outcome.words}`,
    );
  }

  function sliceSlot(expiry: number | undefined): number {
    for (let slot = 0; slot < slices.count; slot++) {
      const slice = slices.at(slot);
      if (slice.expiryTime() === expiry && host.markets.underlyingOf(slice.option()) === bar.underlying()) return slot;
    }
    return -1;
  }
  let data: (number | null)[][] = [];
  return {
    pace: 250,
    draw() {
      bar.draw();
      const expiry = bar.expiry();
      const rows: (number | null)[][] = [[], [], [], [], []];
      let left = 0;
      for (const { strike, call, put } of expiry === undefined ? [] : host.markets.strikes(bar.underlying(), expiry)) {
        // Of each strike the option that is out of the money tells the volatility best.
        const callDelta = theoRows.row(call)?.delta() ?? 0.5;
        const id = callDelta < 0.5 && call >= 0 ? call : put;
        const ticker = tickerRows.row(id);
        const values = [theoRows.row(id)?.volatility(), ticker?.bidIv(), ticker?.askIv(), ticker?.markIv()];
        rows[0]!.push(strike);
        for (const [at, value] of values.entries()) {
          const shown = value !== undefined && value > 0 && value < MOST_OF_THEO * (values[0] ?? Number.NaN);
          rows[at + 1]!.push(shown ? value * 100 : null);
          if (!shown && value !== undefined && value > 0) left++;
        }
      }
      data = rows;
      if (rows[0]!.length > 0) curves.draw(rows);
      tellFacts(expiry, left);
    },
    resized: () => curves.resized(),
    closed: () => curves.close(),
    csv: () =>
      `strike,theo,bid,ask,mark\n${(data[0] ?? []).map((strike, at) => [strike, ...data.slice(1).map((values) => values[at] ?? '')].join(',')).join('\n')}\n`,
  };

  function tellFacts(expiry: number | undefined, left: number): void {
    const slot = sliceSlot(expiry);
    if (slot >= 0) {
      const slice = slices.at(slot);
      const points = slice.fitError() * 100;
      const isTrusted = points <= TRUSTED_POINTS && slice.violations() === 0;
      facts.className = isTrusted ? 'note' : 'note bad';
      setText(
        facts,
        `${isTrusted ? '' : 'DO NOT TRUST · '}fit ${fixed(points, 2)} vol pts, ${fixed(slice.insideShare() * 100, 0)} % inside, ${fixed(slice.fitAge(), 0)} s old · F ${price(slice.forward())} · ATM ${vol(slice.atmVol(), 2)} % ± ${vol(slice.atmUncertainty(), 2)} · RR ${signed(slice.riskReversal25() * 100, 2)} · BF ${signed(slice.butterfly25() * 100, 2)} · shifted by hand ${signed(slice.atmShift() * 100, 2)} · ${bitNames(slice.flags(), filterFlags) || 'whole and fresh'}${left === 0 ? '' : ` · ${left} above ${MOST_OF_THEO} theo not drawn`}`,
      );
      return;
    }
    setText(facts, 'Waits for the first surface of this expiry: the filter tells it.');
  }
};
