import type { CallNode, CallTree } from './call-tree.js';

const WIDTH = 1200;
const ROW = 17;
const MARGIN = 8;
const HEAD = 28;
/** Pixels below which a call is left out, and below which it has no text. */
const NARROWEST = 0.3;
const NARROWEST_TEXT = 24;
const CHARACTER = 6.6;
const DEEPEST = 200;

/**
 * A flame graph as SVG: who calls whom downwards, width as share of all. Names stand as titles too, so that what is too narrow for its name can be pointed at. No script
 * and nothing from outside: it may be opened anywhere.
 */
export function flameGraph({ root, unit }: CallTree, title: string): string {
  const boxes: string[] = [];
  let rows = 0;
  const all = root.total;
  const draw = (node: CallNode, left: number, depth: number): void => {
    const width = (node.total / all) * (WIDTH - 2 * MARGIN);
    if (!(width >= NARROWEST) || depth > DEEPEST) return;
    rows = Math.max(rows, depth + 1);
    boxes.push(
      box(node, left, depth, width, `${amount(node.total, unit)}, ${((100 * node.total) / all).toFixed(1)} %`),
    );
    let from = left;
    for (const child of [...node.children].sort((one, other) => other.total - one.total)) {
      draw(child, from, depth + 1);
      from += (child.total / all) * (WIDTH - 2 * MARGIN);
    }
  };
  if (all > 0) draw(root, MARGIN, 0);
  const height = HEAD + Math.max(1, rows) * ROW + MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="monospace" font-size="11">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="${MARGIN}" y="18" font-size="13">${escaped(title)}: ${all > 0 ? amount(all, unit) : 'nothing was seen'}</text>`,
    ...boxes,
    '</svg>\n',
  ].join('\n');
}

function box({ name, place }: CallNode, left: number, depth: number, width: number, share: string): string {
  const top = HEAD + depth * ROW;
  const letters = Math.floor((width - 4) / CHARACTER);
  const text =
    width < NARROWEST_TEXT
      ? ''
      : `<text x="${(left + 2).toFixed(1)}" y="${top + 12}">${escaped(name.slice(0, letters))}</text>`;
  const title = `<title>${escaped(`${name} ${place}`.trim())}\n${share}</title>`;
  const size = `x="${left.toFixed(1)}" y="${top}" width="${width.toFixed(1)}" height="${ROW - 1}"`;
  return `<g>${title}<rect ${size} fill="${colour(name)}"/>${text}</g>`;
}

/** Of the name, so that the same function has the same one in every picture. */
function colour(name: string): string {
  let hash = 0;
  for (let place = 0; place < name.length; place++) hash = (Math.imul(hash, 31) + name.charCodeAt(place)) | 0;
  return `hsl(${20 + (Math.abs(hash) % 40)} 80% ${68 + (Math.abs(hash >> 8) % 14)}%)`;
}

function amount(value: number, unit: CallTree['unit']): string {
  return unit === 'us' ? `${(value / 1000).toFixed(1)} ms` : `${(value / 1024).toFixed(1)} KiB`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
