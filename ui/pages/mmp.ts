import { h } from '../dom.js';
import { clock, fixed, whole } from '../format.js';
import { credits, trading } from '../topics/pages.js';
import { nameOf, notReady, tradingStates } from './codes.js';
import { Facts } from './facts.js';
import { bitNames } from './listing.js';
import type { OpenPage } from './page.js';

/** Whether the venue lets us quote, and how many requests it still takes. */
export const open: OpenPage = (host) => {
  const states = host.table(trading);
  const mirror = host.table(credits);
  const facts = new Facts();
  const note = h('p', 'note', [
    'Waits for the state of trading: the orders stage tells it when a connection to the venue moves on. Limits and countdown of each protection group are not sent to screens yet.',
  ]);
  host.body.append(note, facts.element);
  return {
    draw() {
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
  };
};
