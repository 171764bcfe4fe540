import { createHash } from 'node:crypto';
import type { Cell, Report, Section } from './report.js';

const STYLE =
  'body{font:12px/1.45 ui-monospace,monospace;margin:2em;color:#000;background:#fff}h1{font-size:16px}' +
  'table{border-collapse:collapse;margin:1.5em 0;page-break-inside:avoid}caption{font-weight:bold;text-align:left;padding:.3em 0}' +
  'th,td{padding:.1em .8em .1em 0;border-bottom:1px solid #ccc;text-align:left;white-space:nowrap}.n{text-align:right}';

/** What a report as a page may do: show its own style, and nothing else. */
export const REPORT_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

/** A cell as it is read. */
function text(cell: Cell, digits: number | null): string {
  if (cell === null) return '-';
  if (typeof cell === 'string') return cell;
  // Of a large number the digits behind the point say nothing, and what rounds to nothing has no sign.
  const places = Math.abs(cell) >= 10_000 ? 0 : (digits ?? 0);
  return cell.toLocaleString('en-US', {
    minimumFractionDigits: places,
    maximumFractionDigits: places,
    signDisplay: 'negative',
  });
}

const marks: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (words: string) => words.replace(/[&<>"]/g, (mark) => marks[mark]!);

function table({ title, head, digits, rows }: Section): string {
  const kind = (at: number) => (digits[at] === null ? '' : ' class="n"');
  const cells = head.map((name, at) => `<th${kind(at)} scope="col">${escaped(name)}</th>`).join('');
  const body = rows
    .map(
      (row) => `<tr>${row.map((cell, at) => `<td${kind(at)}>${escaped(text(cell, digits[at]!))}</td>`).join('')}</tr>`,
    )
    .join('\n');
  const caption = `${title}${rows.length === 0 ? ': nothing' : ''}`;
  return `<table><caption>${escaped(caption)}</caption><thead><tr>${cells}</tr></thead><tbody>\n${body}\n</tbody></table>`;
}

/** A page to be printed; names from outside stand in it as text. */
export function reportAsHtml({ day, made, seenFrom, sections }: Report): string {
  const words = `Trading day from ${day} 08:00 UTC, seen from ${seenFrom.slice(0, 19).replace('T', ' ')} to ${made.slice(0, 19).replace('T', ' ')} UTC`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>volfilter report ${escaped(day)}</title><style>${STYLE}</style></head><body>
<h1>Report of ${escaped(day)}</h1><p>${escaped(words)}</p>
${sections.map(table).join('\n')}
</body></html>
`;
}

function quoted(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  // A text that a spreadsheet would take for a formula is no formula here.
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Comma-separated values: each table behind its title, with a blank line between two. */
export function reportAsCsv({ sections }: Report): string {
  return `${sections
    .map(({ title, head, rows }) => [[title], head, ...rows].map((row) => row.map(quoted).join(',')).join('\n'))
    .join('\n\n')}\n`;
}
