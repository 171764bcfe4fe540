import { h, setText } from '../dom.js';
import { clock, fixed, percent, price, signed, signedWhole, whole } from '../format.js';
import { Grid } from '../grid/grid.js';
import { attributions } from '../topics/first.js';
import { hedgeCosts, hedges } from '../topics/pages.js';
import { nameOf, sides } from './codes.js';
import { signTone } from './listing.js';
import { isAbout, isOfUnderlying } from './of-target.js';
import type { OpenPage } from './page.js';
import { usdOf } from './profit.js';
import { refusalName } from './refusal-name.js';
import { underlyingBar } from './target-bar.js';

const urgencies = ['none wanted', 'passive', 'join the touch', 'cross'];
const reasons = ['within its band', 'delta outside its band', 'fill', 'flatten', 'expiry', 'operator'];
const liquidity = ['?', 'maker', 'taker'];

/** What the hedger wants and why, what it did, and what that cost. */
export const open: OpenPage = (host) => {
  const wanted = host.table(hedges);
  const done = host.tail(hedgeCosts);
  const parts = host.table(attributions);
  const bar = underlyingBar(host, 'HEDG');
  /** Slots of what is wanted, and ages of what was done, of the underlying that is asked for. */
  let wants: number[] = [];
  let ages: number[] = [];
  const want = (place: number) => wanted.at(wants[place]!);
  const hedge = (place: number) => done.at(ages[place]!);
  const note = h('p', 'note');
  const nothing = h('p', 'note', ['No hedge was filled yet since the engine began: each appears here with its cost.']);
  const wantGrid = new Grid(
    {
      rows: () => wants.length,
      columns: [
        {
          title: 'underlying',
          width: 10,
          words: true,
          text: (place) => host.markets.underlyingName(wanted.keys[wants[place]!]!),
          tone: () => 'mark',
        },
        { title: 'wants', width: 14, words: true, text: (place) => nameOf(urgencies, want(place).urgency()) },
        { title: 'because', width: 22, words: true, text: (place) => nameOf(reasons, want(place).reason()) },
        {
          title: 'net delta',
          unit: 'coin',
          width: 14,
          text: (place) => signed(want(place).delta(), 3),
          tone: (place) => signTone(want(place).delta()),
        },
        { title: 'target', width: 8, text: (place) => signed(want(place).target(), 3) },
        {
          title: 'band',
          width: 17,
          text: (place) =>
            want(place).bandLow() === want(place).bandHigh()
              ? '-'
              : `${signed(want(place).bandLow(), 3)} ${signed(want(place).bandHigh(), 3)}`,
        },
        { title: 'in flight', width: 9, text: (place) => signed(want(place).pending(), 3) },
        {
          title: 'side',
          width: 5,
          words: true,
          text: (place) => nameOf(sides, want(place).side()),
          tone: (place) => (want(place).side() === 1 ? 'up' : 'down'),
        },
        {
          title: 'instrument',
          width: 16,
          words: true,
          text: (place) => (want(place).amount() > 0 ? host.markets.name(want(place).instrument()) : ''),
        },
        {
          title: 'amount',
          width: 9,
          text: (place) => (want(place).amount() > 0 ? whole(want(place).amount()) : ''),
        },
        { title: 'price', width: 9, text: (place) => price(want(place).price()) },
        { title: 'expected', unit: 'USD', width: 13, text: (place) => fixed(want(place).cost(), 2) },
        { title: 'vol', unit: '%', width: 7, text: (place) => percent(want(place).volatility()) },
        {
          title: 'bound by',
          width: 18,
          words: true,
          text: (place) => (want(place).bindingLimit() === 0 ? '' : refusalName(want(place).bindingLimit())),
          tone: () => 'down',
        },
      ],
    },
    'Hedges that are wanted',
  );
  const doneGrid = new Grid(
    {
      rows: () => ages.length,
      columns: [
        { title: 'filled', unit: 'UTC', width: 13, words: true, text: (place) => clock(done.time(ages[place]!), true) },
        {
          title: 'instrument',
          width: 18,
          words: true,
          text: (place) => host.markets.name(hedge(place).instrument()),
          tone: () => 'mark',
        },
        {
          title: 'side',
          width: 5,
          words: true,
          text: (place) => nameOf(sides, hedge(place).side()),
          tone: (place) => (hedge(place).side() === 1 ? 'up' : 'down'),
        },
        { title: 'as', width: 6, words: true, text: (place) => nameOf(liquidity, hedge(place).liquidity()) },
        { title: 'price', width: 10, text: (place) => price(hedge(place).price()) },
        { title: 'mid then', width: 10, text: (place) => price(hedge(place).mid()) },
        { title: 'amount', width: 9, text: (place) => whole(hedge(place).amount()) },
        { title: 'delta', unit: 'coin', width: 11, text: (place) => signed(hedge(place).deltaTraded(), 4) },
        {
          title: 'slippage',
          unit: 'USD',
          width: 13,
          text: (place) => signed(-hedge(place).slippageUsd(), 2),
          tone: (place) => signTone(-hedge(place).slippageUsd()),
        },
        {
          title: 'fees',
          unit: 'USD',
          width: 10,
          text: (place) => signed(-hedge(place).feeUsd(), 2),
          tone: (place) => signTone(-hedge(place).feeUsd()),
        },
        {
          title: 'cost so far',
          unit: 'USD',
          width: 15,
          text: (place) => signed(-hedge(place).costUsd(), 2),
          tone: (place) => signTone(-hedge(place).costUsd()),
        },
      ],
    },
    'Hedges that were filled',
  );
  wantGrid.element.classList.add('short');
  host.body.append(bar.element, note, wantGrid.element, nothing, doneGrid.element);

  /** Of each underlying: what its hedges have made and cost, by the attribution. */
  function totals(): string {
    const words: string[] = [];
    for (let slot = 0; slot < parts.count; slot++) {
      const row = parts.at(slot);
      const name = host.markets.underlyingName(row.underlying());
      if (!isAbout(host, name)) continue;
      words.push(
        `${name}: hedges made ${signedWhole(usdOf(row, row.hedge()))} USD today, and slipped ${signedWhole(usdOf(row, row.hedgeCost()))} USD from the mid, fees apart`,
      );
    }
    return words.join(' · ');
  }

  return {
    pace: 250,
    draw() {
      bar.draw();
      wants = [];
      for (let slot = 0; slot < wanted.count; slot++)
        if (isAbout(host, host.markets.underlyingName(wanted.keys[slot]!))) wants.push(slot);
      ages = [];
      for (let age = 0; age < done.count; age++) if (isOfUnderlying(host, done.at(age).instrument())) ages.push(age);
      setText(
        note,
        wants.length === 0
          ? 'The hedger has wanted nothing yet: it speaks when the delta of an underlying leaves its band.'
          : totals() || 'what hedges made and cost comes with the first attribution',
      );
      nothing.hidden = ages.length > 0;
      doneGrid.element.hidden = ages.length === 0;
      wantGrid.draw();
      doneGrid.draw();
    },
    resized() {
      wantGrid.resized();
      doneGrid.resized();
    },
    key: (event) => doneGrid.key(event),
    csv: () => `${wantGrid.csv()}\n${doneGrid.csv()}`,
  };
};
