import { clock } from '../format.js';
import { Grid } from '../grid/grid.js';
import { logLines } from '../topics/pages.js';
import type { PaneHost } from './page.js';

/** One change of an alert: `alerts: critical: price-jump.btc is firing, was normal (1 against 0): rule`. */
const CHANGE = /^alerts: (?:(\w+): )?(\S+) is ([a-z ]+), was ([a-z ]+?)(?: \((.*?)\))?(?::|$)/;

interface Change {
  time: number;
  severity: string;
  alert: string;
  now: string;
  before: string;
  found: string;
}

/** What a line of the engine's log tells of an alert; undefined where it tells of something else. @param time microseconds since the Unix epoch */
export function changeOf(line: string, time: number): Change | undefined {
  const found = CHANGE.exec(line);
  if (found === null) return undefined;
  const [, severity = '', alert = '', now = '', before = '', values = ''] = found;
  return { time, severity, alert, now, before, found: values };
}

/** What alerts did since the engine began, the newest first, from the engine's log. */
export class AlertHistory {
  readonly grid: Grid;
  private readonly lines;
  private changes: Change[] = [];
  private version = -1;

  constructor(host: PaneHost) {
    this.lines = host.tail(logLines);
    const change = (place: number) => this.changes[place]!;
    this.grid = new Grid(
      {
        rows: () => this.changes.length,
        columns: [
          { title: 'changed', unit: 'UTC', width: 12, words: true, text: (place) => clock(change(place).time, true) },
          { title: 'alert', width: 20, words: true, text: (place) => change(place).alert, tone: () => 'mark' },
          {
            title: 'became',
            width: 9,
            words: true,
            text: (place) => change(place).now,
            tone: (place) => (change(place).now === 'normal' ? 'up' : 'down'),
          },
          { title: 'was', width: 9, words: true, text: (place) => change(place).before, tone: () => 'dim' },
          { title: 'severity', width: 9, words: true, text: (place) => change(place).severity },
          { title: 'found against bound', width: 50, words: true, text: (place) => change(place).found },
        ],
      },
      'History of the alerts',
    );
  }

  /** Changes that are known. */
  get count(): number {
    return this.changes.length;
  }

  draw(): void {
    const { lines } = this;
    if (lines.version !== this.version) {
      this.version = lines.version;
      this.changes = [];
      for (let age = 0; age < lines.count; age++) {
        const change = changeOf(lines.text(age), lines.at(age).time());
        if (change !== undefined) this.changes.push(change);
      }
    }
    this.grid.draw();
  }
}
