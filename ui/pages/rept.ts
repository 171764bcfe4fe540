import { button, download, h, setText } from '../dom.js';
import { ask } from '../net/http.js';
import { profits } from '../topics/first.js';
import type { OpenPage } from './page.js';

/** A report as the gateway tells it; docs/gateway.md. */
interface Report {
  day: string;
  made: string;
  seenFrom: string;
  sections: Section[];
}
interface Section {
  title: string;
  head: string[];
  digits: (number | null)[];
  rows: (string | number | null)[][];
}

const BASE = '/api/v1/reports';

/** A cell as it is read; '-' where nothing is known. */
export function shown(cell: string | number | null | undefined, digits: number): string {
  if (cell === null || cell === undefined) return '-';
  if (typeof cell === 'string') return cell;
  // Of a large number the digits behind the point say nothing, and what rounds to nothing has no sign.
  const places = Math.abs(cell) >= 10_000 ? 0 : digits;
  return cell.toLocaleString('en-US', {
    minimumFractionDigits: places,
    maximumFractionDigits: places,
    signDisplay: 'negative',
  });
}

/** The report of a trading day, as the gateway keeps one a day: to read, to print or to save. */
export const open: OpenPage = (host) => {
  // So that the pane tells how old the engine's numbers are, of which the newest report is made.
  host.table(profits);
  const days = h('select', '', [], { 'aria-label': 'Trading day' });
  const note = h('p', 'note', [], { role: 'status' });
  const paper = h('article', 'lines', [], { tabindex: '0', 'aria-label': 'Report' });
  let report: Report | undefined;

  const table = ({ title, head, digits, rows }: Section): HTMLElement => {
    const kind = (at: number) => (digits[at] === null ? '' : 'number');
    return h('table', 'plain', [
      h('caption', '', [`${title}${rows.length === 0 ? ': nothing' : ''}`]),
      h('thead', '', [
        h(
          'tr',
          '',
          head.map((name, at) => h('th', kind(at), [name], { scope: 'col' })),
        ),
      ]),
      h(
        'tbody',
        '',
        rows.map((row) =>
          h(
            'tr',
            '',
            row.map((cell, at) => h('td', kind(at), [shown(cell, digits[at] ?? 0)])),
          ),
        ),
      ),
    ]);
  };

  async function listDays(): Promise<void> {
    const { ok, words, body } = await ask('GET', BASE);
    if (!ok) return setText(note, `no report: ${words}`);
    const { days: found = [] } = body as { days?: string[] };
    const wanted = host.words[0] ?? found[0] ?? '';
    days.replaceChildren(
      ...found.map((day, at) => h('option', '', [at === 0 ? `${day}, today so far` : day], { value: day })),
    );
    days.value = wanted;
    await show(wanted);
  }

  async function show(day: string): Promise<void> {
    const { ok, words, body } = await ask('GET', `${BASE}/${encodeURIComponent(day)}`);
    const found = (ok ? body : {}) as { report?: Report | null };
    report = found.report ?? undefined;
    if (report === undefined) {
      paper.replaceChildren();
      return setText(note, ok ? `there is no report of '${day}'` : `no report: ${words}`);
    }
    const { made, seenFrom, sections } = report;
    const at = (time: string) => time.slice(0, 19).replace('T', ' ');
    setText(note, `Trading day from ${report.day} 08:00 UTC; seen from ${at(seenFrom)} to ${at(made)} UTC.`);
    paper.replaceChildren(h('h1', 'mark', [`Report of ${report.day}`]), ...sections.map(table));
  }

  /** The file as the gateway makes it. */
  async function save(format: 'csv' | 'html' | 'json', type: string): Promise<void> {
    if (report === undefined) return host.say('there is no report to save');
    if (format === 'json')
      return download(`volfilter-${report.day}.json`, new Blob([JSON.stringify(report, undefined, 2)], { type }));
    const { ok, words, text } = await ask('GET', `${BASE}/${report.day}?format=${format}`);
    if (!ok) return host.say(`not saved: ${words}`);
    download(`volfilter-${report.day}.${format}`, new Blob([text], { type }));
  }

  days.addEventListener('change', () => void show(days.value));
  host.body.append(
    h('div', 'bar', [
      days,
      button('Anew', () => void show(days.value)),
      button('Print', () => print()),
      button('HTML', () => void save('html', 'text/html')),
      button('CSV', () => void save('csv', 'text/csv')),
      button('JSON', () => void save('json', 'application/json')),
    ]),
    note,
    paper,
  );
  void listDays();
  return {
    draw() {},
    csv: () =>
      (report?.sections ?? [])
        .map(({ title, head, rows }) => [[title], head, ...rows].map((row) => row.map(quoted).join(',')).join('\n'))
        .join('\n\n'),
  };
};

function quoted(cell: string | number | null): string {
  if (cell === null) return '';
  return typeof cell === 'number' ? String(cell) : `"${cell.replaceAll('"', '""')}"`;
}
