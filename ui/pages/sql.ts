import { button, h, setText } from '../dom.js';
import { ask } from '../net/http.js';
import type { OpenPage } from './page.js';
import { resultCsv, resultTable } from './result-table.js';

interface Table {
  name: string;
  comment: string;
}
type Answer = { columns: { name: string; type: string }[]; rows: unknown[][]; cut: boolean };

const HISTORY = 'volfilter.sql';

/** Questions of the SQL store: everything that happened, read-only. */
export const open: OpenPage = (host) => {
  const text = h('textarea', 'question', [], {
    rows: '4',
    spellcheck: 'false',
    'aria-label': 'SQL',
    placeholder: 'FROM fills_with_markouts ORDER BY time DESC LIMIT 20',
  });
  text.value = localStorage.getItem(HISTORY) ?? '';
  const note = h('p', 'note', ['One SELECT over the store; at most 1000 rows and 5 seconds. Ctrl+Enter runs it.'], {
    role: 'status',
  });
  const result = h('div', 'lines', [], { tabindex: '0', role: 'region', 'aria-label': 'Result' });
  const tables = h('div', 'lines', [], { tabindex: '0', role: 'region', 'aria-label': 'Views and tables' });
  let last: Answer | undefined;
  let asked = 0;

  async function run(): Promise<void> {
    const sql = text.value.trim();
    if (sql === '') return;
    localStorage.setItem(HISTORY, sql);
    const number = ++asked;
    setText(note, 'asked, waiting for the answer');
    const began = performance.now();
    const { ok, words, body } = await ask('POST', '/api/v1/assistant/sql', { sql });
    if (number !== asked) return;
    note.classList.toggle('bad', !ok);
    if (!ok) {
      result.replaceChildren();
      last = undefined;
      return setText(note, `refused: ${words}`);
    }
    last = body as Answer;
    const { columns = [], rows = [], cut = false } = last;
    setText(
      note,
      `${rows.length} rows${cut ? ', and there are more' : ''}, ${Math.round(performance.now() - began)} ms`,
    );
    result.replaceChildren(resultTable(columns, rows));
  }

  async function listTables(): Promise<void> {
    const { ok, body } = await ask('GET', '/api/v1/assistant/sql/schema');
    const { tables: plain = [], views = [] } = (ok ? body : {}) as { tables?: Table[]; views?: Table[] };
    const put = (name: string) => {
      text.value = `FROM ${name} LIMIT 100`;
      text.focus();
    };
    const row = ({ name, comment }: Table) =>
      h('tr', '', [h('td', '', [button(name, () => put(name), 'mark')]), h('td', 'dim', [comment])]);
    tables.replaceChildren(
      h('table', 'plain', [h('caption', '', ['Views and tables']), h('tbody', '', [...views, ...plain].map(row))]),
    );
  }

  text.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void run();
  });
  host.body.append(h('div', 'form', [text, button('Run', () => void run())]), note, result, tables);
  void listTables();
  return { draw() {}, csv: () => (last === undefined ? '' : resultCsv(last.columns, last.rows)) };
};
