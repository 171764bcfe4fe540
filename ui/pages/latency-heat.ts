import { colourOf } from '../chart/heat.js';
import { button, h, setText } from '../dom.js';
import { nanos, whole } from '../format.js';
import { latency, latencyBuckets } from '../topics/charts.js';
import type { PaneHost } from './page.js';

/** Rows of the map: from 128 ns to above a second. */
const FIRST_POWER = 7;
const LAST_POWER = 30;
/** Columns: two seconds each. */
const COLUMNS = 90;
const STEP_MS = 2000;
const KEYS = 64;

/**
 * When each latency was met: time from left to right, powers of two from below to above, brighter where more events fell. The topic
 * has counts since the start; their growth in a step is a column.
 */
export class LatencyHeat {
  readonly element: HTMLElement;
  private readonly counts;
  private readonly names;
  private readonly canvas = h('canvas', 'heat-map', [], {
    role: 'img',
    'aria-label': 'Latency by time: the tables above say the same in numbers',
  });
  private readonly words = h('p', 'note', [
    'when each latency was met, from the time this page was opened: a column every two seconds',
  ]);
  private readonly choice = h('select', '', [], { 'aria-label': 'actor' });
  private kind = 0;
  private readonly before = new Map<number, number>();
  /** Of each column every actor's growth, by key. */
  private readonly columns: Map<number, number>[] = [];
  private stepped = Number.NEGATIVE_INFINITY;

  constructor(host: PaneHost) {
    this.counts = host.table(latencyBuckets);
    this.names = host.table(latency);
    const kinds = button('waiting', () => {
      this.kind = 1 - this.kind;
      setText(kinds, this.kind === 0 ? 'waiting' : 'work');
      this.paint();
    });
    this.choice.addEventListener('change', () => this.paint());
    this.element = h('div', 'heat-room', [
      h('div', 'bar', [this.choice, kinds, this.words]),
      h('div', 'heat-scaled', [
        h(
          'div',
          'heat-scale',
          // The powers at the top, at both thirds and at the bottom.
          [LAST_POWER, 22, 15, FIRST_POWER].map((power) => h('span', '', [nanos(2 ** power)])),
          { 'aria-hidden': 'true' },
        ),
        this.canvas,
      ]),
    ]);
  }

  draw(now: number): void {
    this.nameActors();
    if (now - this.stepped < STEP_MS || this.counts.count === 0) return;
    const isFirst = this.stepped === Number.NEGATIVE_INFINITY;
    this.stepped = now;
    const column = new Map<number, number>();
    for (let slot = 0; slot < this.counts.count; slot++) {
      const key = this.counts.keys[slot]!;
      const count = this.counts.at(slot).count();
      const grown = count - (this.before.get(key) ?? (isFirst ? count : 0));
      // An engine that began anew counts from nothing.
      if (grown > 0) column.set(key, grown);
      this.before.set(key, count);
    }
    if (isFirst) return;
    this.columns.push(column);
    if (this.columns.length > COLUMNS) this.columns.shift();
    this.paint();
  }

  private nameActors(): void {
    const { choice, names } = this;
    if (choice.options.length === names.count) return;
    const chosen = choice.value;
    choice.replaceChildren(
      ...Array.from({ length: names.count }, (_, slot) =>
        h('option', '', [names.texts[slot] ?? ''], { value: String(names.keys[slot]) }),
      ),
    );
    const quoter = names.texts.indexOf('quoter');
    choice.value = chosen !== '' ? chosen : String(names.keys[quoter < 0 ? 0 : quoter]);
  }

  private paint(): void {
    const { canvas, columns } = this;
    const rows = LAST_POWER - FIRST_POWER + 1;
    canvas.width = COLUMNS;
    canvas.height = rows;
    const context = canvas.getContext('2d');
    if (context === null) return;
    const first = Number(this.choice.value) * KEYS + this.kind * 32;
    let greatest = 0;
    let worst = 0;
    for (const column of columns)
      for (let power = 0; power < 32; power++) {
        const grown = column.get(first + power) ?? 0;
        greatest = Math.max(greatest, grown);
        if (grown > 0) worst = Math.max(worst, power);
      }
    for (const [at, column] of columns.entries()) {
      for (let power = 0; power < 32; power++) {
        const grown = column.get(first + power) ?? 0;
        if (grown === 0) continue;
        // By the logarithm: one event in a thousand is what one looks for.
        const [r, g, b] = colourOf(Math.log1p(grown) / Math.log1p(greatest));
        context.fillStyle = `rgb(${r * 255} ${g * 255} ${b * 255})`;
        const row = Math.min(LAST_POWER, Math.max(FIRST_POWER, power)) - FIRST_POWER;
        context.fillRect(COLUMNS - columns.length + at, rows - 1 - row, 1, 1);
      }
    }
    setText(
      this.words,
      `the last ${COLUMNS * (STEP_MS / 1000)} s · most in one cell ${whole(greatest)} · highest met ${nanos(2 ** worst)} to ${nanos(2 ** (worst + 1))}`,
    );
  }
}
