import type { FilterRuleState } from '../../schemas/generated/filter-rule-state.js';
import { age, clock, fixed, vol, whole } from '../format.js';
import { Grid } from '../grid/grid.js';
import type { Table } from '../store/table.js';
import { filterCauses, filterMeasures, nameOf } from './codes.js';
import type { PaneHost } from './page.js';

/** A measure that counts standard deviations; all others are volatilities. */
const JUMP = 2;

/** A number of a measure in its own unit. */
export function measureText(measure: number, value: number): string {
  return measure === JUMP ? fixed(value, 2) : vol(value);
}

/** What a rule holds its measure against, in words. */
export function levelText(mode: number, measure: number, level: number): string {
  if (mode === 0) return `above ${measureText(measure, level)}`;
  if (mode === 1) return `${fixed(level, 2)} x mean`;
  return mode === 2 ? `percentile ${fixed(level, 1)}` : `mean + ${fixed(level, 1)} sd`;
}

/** Where every rule of the volatility filter stands on every underlying. */
export function ruleGrid(host: PaneHost, rules: Table<FilterRuleState>): Grid {
  const row = (slot: number) => rules.at(slot);
  return new Grid(
    {
      rows: () => rules.count,
      columns: [
        {
          title: 'underlying',
          width: 10,
          words: true,
          text: (slot) => host.markets.underlyingName(row(slot).underlying()),
          tone: () => 'mark',
        },
        { title: 'rule', width: 4, text: (slot) => `#${row(slot).rule()}` },
        { title: 'measure', width: 13, words: true, text: (slot) => nameOf(filterMeasures, row(slot).measure()) },
        {
          title: 'threshold',
          width: 16,
          words: true,
          text: (slot) => levelText(row(slot).mode(), row(slot).measure(), row(slot).level()),
        },
        {
          title: 'window',
          width: 8,
          text: (slot) => (row(slot).window() > 0 ? age(row(slot).window() * row(slot).barSeconds()) : '-'),
        },
        {
          title: 'lag',
          width: 7,
          text: (slot) => (row(slot).lag() > 0 ? age(row(slot).lag() * row(slot).barSeconds()) : '-'),
        },
        { title: 'ends at', unit: 'of it', width: 12, text: (slot) => fixed(row(slot).release(), 2) },
        { title: 'now', width: 8, text: (slot) => measureText(row(slot).measure(), row(slot).value()) },
        { title: 'bound', width: 8, text: (slot) => measureText(row(slot).measure(), row(slot).threshold()) },
        {
          title: 'excess',
          width: 7,
          text: (slot) => fixed(row(slot).excess(), 2),
          tone: (slot) => (row(slot).excess() > 1 ? 'down' : ''),
        },
        {
          title: 'state',
          width: 9,
          words: true,
          text: (slot) =>
            row(slot).active() === 1 ? 'FILTERING' : Number.isNaN(row(slot).threshold()) ? 'no data' : 'quiet',
          tone: (slot) => (row(slot).active() === 1 ? 'down' : Number.isNaN(row(slot).threshold()) ? 'dim' : 'up'),
        },
        { title: 'last event', unit: 'UTC', width: 14, text: (slot) => clock(row(slot).since()) },
        {
          title: 'cause',
          width: 8,
          words: true,
          text: (slot) => (row(slot).events() > 0 ? nameOf(filterCauses, row(slot).cause()) : ''),
        },
        { title: 'events', width: 7, text: (slot) => whole(row(slot).events()) },
        { title: 'bars', width: 7, text: (slot) => whole(row(slot).bars()) },
        { title: 'trades', width: 7, text: (slot) => whole(row(slot).trades()) },
      ],
    },
    'Thresholds of the volatility filter',
  );
}
