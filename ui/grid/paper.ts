import { h } from '../dom.js';
import type { GridSource } from './column.js';

const sources = new WeakMap<Element, GridSource>();

/** Has a table of which only what is seen exists go to paper whole. */
export function canBePrinted(grid: Element, source: GridSource): void {
  sources.set(grid, source);
}

/** Gives every table all its rows, as text. @returns what takes them away again */
export function layOutForPaper(within: Element): () => void {
  const laid = [...within.querySelectorAll('.grid')].flatMap((grid) => {
    const source = sources.get(grid);
    if (source === undefined) return [];
    const table = paperTable(source);
    grid.append(table);
    return [table];
  });
  return () => {
    for (const table of laid) table.remove();
  };
}

function paperTable(source: GridSource): HTMLElement {
  source.prepare?.();
  const { columns } = source;
  const kinds = columns.map(({ words }) => (words ? '' : 'number'));
  const head = columns.map(({ title, unit }, at) =>
    h('th', kinds[at], unit === undefined ? [title] : [`${title} `, h('small', '', [unit])], { scope: 'col' }),
  );
  const rows = Array.from({ length: source.rows() }, (_, row) =>
    h(
      'tr',
      source.rowTone?.(row) ?? '',
      columns.map(({ text, tone }, at) => h('td', `${kinds[at]} ${tone?.(row) ?? ''}`, [text(row)])),
    ),
  );
  return h('table', 'plain paper', [h('thead', '', [h('tr', '', head)]), h('tbody', '', rows)]);
}
