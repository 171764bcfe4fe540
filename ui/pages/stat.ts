import { fixed, percent, price, signed, vol, whole } from '../format.js';
import { statistics } from '../topics/pages.js';
import { listing } from './listing.js';
import type { OpenPage } from './page.js';

/** Statistics of each underlying over its bars. */
export const open: OpenPage = (host) => {
  const table = host.table(statistics);
  return listing(host, {
    label: 'Statistics',
    empty: 'Waits for statistics: the anomaly stage tells them with the first bars.',
    rows: () => table.count,
    columns: [
      {
        title: 'underlying',
        width: 10,
        words: true,
        text: (slot) => host.markets.underlyingName(table.at(slot).underlying()),
        tone: () => 'mark',
      },
      { title: 'price', width: 9, text: (slot) => price(table.at(slot).price()) },
      { title: 'bars', width: 7, text: (slot) => whole(table.at(slot).bars()) },
      { title: 'realised', unit: '%', width: 11, text: (slot) => vol(table.at(slot).realised()) },
      { title: 'implied', unit: '%', width: 10, text: (slot) => vol(table.at(slot).implied()) },
      { title: 'ratio', width: 6, text: (slot) => fixed(table.at(slot).realisedOverImplied(), 2) },
      { title: 'skewness', width: 9, text: (slot) => signed(table.at(slot).skewness(), 2) },
      { title: 'kurtosis', width: 9, text: (slot) => fixed(table.at(slot).kurtosis(), 2) },
      { title: 'autocorr', width: 9, text: (slot) => signed(table.at(slot).autocorrelation(), 3) },
      { title: 'clustering', width: 10, text: (slot) => signed(table.at(slot).absoluteAutocorrelation(), 3) },
      { title: 'correlation', width: 11, text: (slot) => signed(table.at(slot).correlation(), 2) },
      { title: 'jump', unit: 'sd', width: 8, text: (slot) => signed(table.at(slot).jump(), 1) },
      { title: 'spread', unit: '%', width: 9, text: (slot) => percent(table.at(slot).spread()) },
      { title: 'basis', unit: '%', width: 9, text: (slot) => signed(table.at(slot).basis() * 100, 3) },
      { title: 'crossed', width: 8, text: (slot) => whole(table.at(slot).crossed()) },
      { title: 'frozen', width: 7, text: (slot) => whole(table.at(slot).frozen()) },
      { title: 'anomalies', width: 10, text: (slot) => whole(table.at(slot).anomalies()) },
    ],
  });
};
