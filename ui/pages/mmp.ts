import { h } from '../dom.js';
import { age, clock, fixed, whole } from '../format.js';
import { Grid } from '../grid/grid.js';
import { trading } from '../topics/first.js';
import { credits, protections } from '../topics/pages.js';
import { nameOf, notReady, protectionStates, tradingStates } from './codes.js';
import { Facts } from './facts.js';
import { bitNames } from './listing.js';
import type { OpenPage } from './page.js';

const AS_ARMED = 'as armed';

/** Whether the venue lets us quote, what each protection group allows, and how many requests the venue still takes. */
export const open: OpenPage = (host) => {
  const states = host.table(trading);
  const mirror = host.table(credits);
  const groups = host.table(protections);
  const facts = new Facts();
  const note = h('p', 'note', [
    'Waits for the state of trading: the orders stage tells it when a connection to the venue moves on.',
  ]);
  const none = h('p', 'note', ['No protection group has been armed: its report comes from the venue at the start.']);
  /** A report that protection was triggered or reset says nothing of its limits: they are those that it was armed with. */
  const isTold = (slot: number) => !Number.isNaN(groups.at(slot).interval());
  const limit = (title: string, unit: string, value: (slot: number) => number) => ({
    title,
    unit,
    width: 12,
    text: (slot: number) => (isTold(slot) ? (Number.isFinite(value(slot)) ? fixed(value(slot), 2) : 'none') : AS_ARMED),
  });
  const grid = new Grid(
    {
      rows: () => groups.count,
      columns: [
        {
          title: 'underlying',
          width: 10,
          words: true,
          text: (slot) => host.markets.underlyingName(groups.at(slot).underlying()),
          tone: () => 'mark',
        },
        {
          title: 'group',
          width: 8,
          words: true,
          text: (slot) => (groups.at(slot).group() === 0 ? 'default' : `#${groups.at(slot).group()}`),
        },
        {
          title: 'state',
          width: 20,
          words: true,
          text: (slot) => nameOf(protectionStates, groups.at(slot).state()),
          tone: (slot) => (groups.at(slot).state() % 2 === 1 && groups.at(slot).state() < 5 ? 'up' : 'down'),
        },
        { title: 'frozen for', width: 12, words: true, text: (slot) => frozenFor(slot), tone: () => 'down' },
        {
          title: 'counts',
          unit: 's',
          width: 8,
          text: (slot) => (isTold(slot) ? fixed(groups.at(slot).interval(), 1) : AS_ARMED),
        },
        {
          title: 'then frozen',
          unit: 's',
          width: 13,
          text: (slot) =>
            groups.at(slot).frozenTime() === 0
              ? 'until reset'
              : isTold(slot)
                ? fixed(groups.at(slot).frozenTime(), 1)
                : AS_ARMED,
        },
        limit('quantity', 'coin', (slot) => groups.at(slot).quantityLimit()),
        limit('delta', 'coin', (slot) => groups.at(slot).deltaLimit()),
        limit('vega', 'USD/pt', (slot) => groups.at(slot).vegaLimit()),
        limit('one quote', 'coin', (slot) => groups.at(slot).maxQuoteQuantity()),
        { title: 'told', unit: 'UTC', width: 9, words: true, text: (slot) => clock(groups.times[slot]!) },
        {
          title: 'venue says',
          width: 10,
          text: (slot) => (groups.at(slot).venueCode() === 0 ? '' : `#${groups.at(slot).venueCode()}`),
        },
      ],
    },
    'Market maker protection',
  );
  host.body.append(note, facts.element, none, grid.element);

  function frozenFor(slot: number): string {
    const group = groups.at(slot);
    if (group.state() !== 2) return '';
    const until = group.frozenUntil();
    if (until === 0) return 'until it is reset';
    const left = (until - (host.connection.store.channels.get('engine')?.engineTime ?? 0)) / 1e6;
    return left > 0 ? age(left) : 'over';
  }

  return {
    draw() {
      grid.draw();
      none.hidden = groups.count > 0;
      note.hidden = states.count > 0;
      if (states.count > 0) {
        const state = states.at(0);
        facts.set('trading', nameOf(tradingStates, state.state()), state.state() === 3 ? 'up' : 'down');
        facts.set('why not', bitNames(state.reasons(), notReady) || 'nothing', state.reasons() === 0 ? '' : 'down');
        facts.set('open orders', whole(state.openOrders()));
        facts.set('not ours', whole(state.foreignOrders()), state.foreignOrders() > 0 ? 'down' : '');
        facts.set('in flight', whole(state.inFlight()));
        facts.set('unknown', whole(state.unknownRequests()), state.unknownRequests() > 0 ? 'down' : '');
        facts.set('reconciled', `${whole(state.reconciliations())} times, ${clock(state.lastReconciled())} UTC`);
        facts.set('fills', `${whole(state.fills())}, ${whole(state.duplicates())} told twice`);
      }
      if (mirror.count === 0) return;
      const credit = mirror.at(0);
      facts.set(
        'matching credits',
        `${fixed(credit.matching(), 0)} of ${fixed(credit.matchingBurst(), 0)}, +${fixed(credit.matchingRate(), 0)}/s`,
      );
      facts.set(
        'quote credits',
        `${fixed(credit.quotes(), 0)} of ${fixed(credit.quotesBurst(), 0)}, +${fixed(credit.quotesRate(), 0)}/s`,
      );
      facts.set(
        'mass quotes',
        `${fixed(credit.massQuotes(), 0)} of ${fixed(credit.massQuotesBurst(), 0)}, +${fixed(credit.massQuotesRate(), 0)}/s`,
      );
      facts.set('kept for cancels', fixed(credit.cancelHeadroom(), 0));
      facts.set(
        'order to volume',
        Number.isFinite(credit.orderToVolume()) ? fixed(credit.orderToVolume(), 0) : 'nothing traded',
      );
    },
    resized: () => grid.resized(),
    key: (event) => grid.key(event),
    csv: () => grid.csv(),
  };
};
