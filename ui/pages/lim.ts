import { h, setText } from '../dom.js';
import { clock, percent } from '../format.js';
import { command } from '../net/http.js';
import { limits, trading, worstCases } from '../topics/first.js';
import { limitNames } from './limit-names.js';
import { LimitUse } from './limit-use.js';
import { listing } from './listing.js';
import type { OpenPage } from './page.js';

const outcomes = [
  '',
  'in force',
  'refused: another version',
  'refused: raising needs a confirmation',
  'refused: not a limit or not a number',
];

/** Every limit. A change takes two steps: the new value, then the question. */
export const open: OpenPage = (host) => {
  const table = host.table(limits);
  const worst = host.table(worstCases);
  const states = host.table(trading);
  const used = new LimitUse(worst, states);
  const shareUsed = (slot: number) => used.of(table.at(slot).limit()) / table.at(slot).value();
  const value = h('input', '', [], { type: 'text', inputmode: 'decimal', name: 'value' });
  const meaning = h('p', 'note');
  const form = h('form', 'form', [
    h('label', '', ['new value of the selected limit', value]),
    h('button', '', ['Change'], { type: 'submit' }),
    h('span', 'dim', ['lowering holds at once, raising needs the right to do so']),
  ]);
  const page = listing(host, {
    label: 'Limits',
    empty: 'Waits for limits: risk tells every limit at the start of the engine.',
    below: h('div', '', [meaning, form]),
    drawAlso: () => setText(meaning, meaningOf(page?.grid.selected ?? 0)),
    rows: () => table.count,
    columns: [
      {
        title: 'limit',
        width: 22,
        words: true,
        text: (slot) => limitNames[table.at(slot).limit()]?.[0] ?? `#${table.at(slot).limit()}`,
        tone: () => 'mark',
      },
      {
        title: 'used',
        unit: '%',
        width: 8,
        text: (slot) => percent(shareUsed(slot), 1),
        tone: (slot) => (shareUsed(slot) >= 1 ? 'down' : shareUsed(slot) >= 0.8 ? 'mark' : ''),
      },
      { title: 'value', width: 14, text: (slot) => table.at(slot).value().toLocaleString('en-US') },
      { title: 'unit', width: 18, words: true, text: (slot) => limitNames[table.at(slot).limit()]?.[1] ?? '' },
      {
        title: 'before',
        width: 14,
        text: (slot) => table.at(slot).previous().toLocaleString('en-US'),
        tone: () => 'dim',
      },
      {
        title: 'last change',
        width: 22,
        words: true,
        text: (slot) => outcomes[table.at(slot).outcome()] ?? '',
        tone: (slot) => (table.at(slot).outcome() > 1 ? 'down' : ''),
      },
      {
        title: 'user',
        width: 6,
        text: (slot) => (table.at(slot).user() === 0 ? 'config' : `#${table.at(slot).user()}`),
      },
      { title: 'at', unit: 'UTC', width: 9, text: (slot) => clock(table.at(slot).time()) },
      {
        title: 'holds',
        width: 90,
        words: true,
        text: (slot) => limitNames[table.at(slot).limit()]?.[2] ?? '',
        tone: () => 'dim',
      },
    ],
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void change();
  });
  return page;

  /** The selected limit in full: a narrow table cuts it off. */
  function meaningOf(slot: number): string {
    if (slot < 0 || slot >= table.count) return '';
    const [name, unit, holds] = limitNames[table.at(slot).limit()] ?? [];
    const share = shareUsed(slot);
    return `${name}, ${unit}: ${holds} · ${Number.isFinite(share) ? `${percent(share, 1)} % used` : 'how much of it is used is not told'}`;
  }

  async function change(): Promise<void> {
    const slot = page.grid.selected;
    if (slot < 0 || slot >= table.count) return host.say('no limit is selected');
    const wanted = Number(value.value);
    const name = limitNames[table.at(slot).limit()]?.[0];
    if (name === undefined || value.value.trim() === '' || !Number.isFinite(wanted) || wanted < 0)
      return host.say(`'${value.value}' is no limit`);
    const now = table.at(slot).value();
    const version = table.at(slot).version();
    const { ok, words } = await command('PUT', `/api/v1/limits/${name}`, { value: wanted, version }, (question) =>
      host.confirm(`${question} It is ${now.toLocaleString('en-US')} now.`),
    );
    host.say(ok ? `${name}: sent; the table shows what came of it` : `NOT CONFIRMED: ${words}`);
  }
};
