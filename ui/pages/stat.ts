import { h } from '../dom.js';
import { fixed, percent, price, signed, vol, whole } from '../format.js';
import { type Column, Grid } from '../grid/grid.js';
import { anomalies, statistics } from '../topics/pages.js';
import { foundGrid } from './anomaly-kinds.js';
import { fitToRows, listing } from './listing.js';
import type { OpenPage } from './page.js';

/** Statistics of each underlying over its bars, and what was found odd in the market, kind by kind. */
export const open: OpenPage = (host) => {
  const table = host.table(statistics);
  const found = foundGrid(host, host.tail(anomalies));
  const name: Column = {
    title: 'underlying',
    width: 10,
    words: true,
    text: (slot) => host.markets.underlyingName(table.at(slot).underlying()),
    tone: () => 'mark',
  };
  const market = new Grid(
    {
      rows: () => table.count,
      columns: [
        name,
        { title: 'volume', unit: 'USD', width: 12, text: (slot) => whole(table.at(slot).volume()) },
        { title: 'spread', unit: '%', width: 9, text: (slot) => percent(table.at(slot).spread()) },
        { title: 'basis', unit: '%', width: 9, text: (slot) => signed(table.at(slot).basis() * 100, 3) },
        { title: 'quotes', width: 7, text: (slot) => whole(table.at(slot).quotes()) },
        {
          title: 'crossed',
          width: 8,
          text: (slot) => whole(table.at(slot).crossed()),
          tone: (slot) => (table.at(slot).crossed() > 0 ? 'down' : ''),
        },
        {
          title: 'frozen',
          width: 7,
          text: (slot) => whole(table.at(slot).frozen()),
          tone: (slot) => (table.at(slot).frozen() > 0 ? 'down' : ''),
        },
        { title: 'filtered', width: 8, text: (slot) => whole(table.at(slot).filtered()) },
        { title: 'anomalies', width: 10, text: (slot) => whole(table.at(slot).anomalies()) },
      ],
    },
    'State of the market',
  );
  const page = listing(host, {
    label: 'Statistics',
    empty: 'Waits for statistics: the anomaly stage tells them with the first bars.',
    below: h('div', 'below', [
      market.element,
      h('p', 'note', [
        'What was odd, by kind: the same of the same instrument is told once in its cool-down, and what was kept back is counted.',
      ]),
      found.element,
    ]),
    drawAlso() {
      fitToRows(page.grid, table.count);
      fitToRows(market, table.count);
      market.draw();
      found.draw();
    },
    rows: () => table.count,
    columns: [
      name,
      { title: 'price', width: 9, text: (slot) => price(table.at(slot).price()) },
      { title: 'bars', width: 7, text: (slot) => whole(table.at(slot).bars()) },
      { title: 'mean', unit: 'bp', width: 9, text: (slot) => signed(table.at(slot).mean() * 1e4, 3) },
      { title: 'deviation', unit: 'bp', width: 13, text: (slot) => fixed(table.at(slot).deviation() * 1e4, 2) },
      { title: 'skewness', width: 9, text: (slot) => signed(table.at(slot).skewness(), 2) },
      { title: 'kurtosis', width: 9, text: (slot) => fixed(table.at(slot).kurtosis(), 2) },
      { title: 'autocorr', width: 9, text: (slot) => signed(table.at(slot).autocorrelation(), 3) },
      { title: 'clustering', width: 10, text: (slot) => signed(table.at(slot).absoluteAutocorrelation(), 3) },
      { title: 'realised', unit: '%', width: 11, text: (slot) => vol(table.at(slot).realised()) },
      { title: 'implied', unit: '%', width: 10, text: (slot) => vol(table.at(slot).implied()) },
      { title: 'ratio', width: 6, text: (slot) => fixed(table.at(slot).realisedOverImplied(), 2) },
      { title: 'correlation', width: 11, text: (slot) => signed(table.at(slot).correlation(), 2) },
      { title: 'jump', unit: 'sd', width: 8, text: (slot) => signed(table.at(slot).jump(), 1) },
    ],
  });
  return {
    ...page,
    resized() {
      page.grid.resized();
      market.resized();
      found.resized();
    },
    csv: () => `${page.grid.csv()}\n${market.csv()}\n${found.csv()}`,
  };
};
