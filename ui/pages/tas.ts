import { h } from '../dom.js';
import type { OpenPage } from './page.js';

/** The gateway has no topic of the market's trades: said plainly, with what there is instead. */
export const open: OpenPage = (host) => {
  host.body.append(
    h('p', 'note', [
      'The trades of the market are not sent to screens: the engine keeps them in its log and its journal, and the gateway has no topic for them. Own trades are on FILL; anomalous prints are on ALRT; volfilter journal tail shows the tape.',
    ]),
  );
  return { draw() {} };
};
