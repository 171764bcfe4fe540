import { h } from '../dom.js';
import { clock, whole } from '../format.js';
import { Grid } from '../grid/grid.js';
import { logLines, receipts, refusals } from '../topics/pages.js';
import { nameOf, sides } from './codes.js';
import type { OpenPage } from './page.js';
import { refusalName } from './refusal-names.js';

const levels = ['', 'info', 'warn', 'error', 'fatal'];
const outcomes = ['', 'taken', 'in the log', 'REFUSED'];

/** What the engine says, what became of commands, and what risk refused; the newest first. */
export const open: OpenPage = (host) => {
  const lines = host.tail(logLines);
  const answers = host.tail(receipts);
  const refused = host.tail(refusals);
  const grids = [
    new Grid(
      {
        rows: () => lines.count,
        columns: [
          { title: 'time', unit: 'UTC', width: 12, words: true, text: (place) => clock(lines.at(place).time(), true) },
          {
            title: 'level',
            width: 6,
            words: true,
            text: (place) => nameOf(levels, lines.at(place).level()),
            tone: (place) => (lines.at(place).level() >= 2 ? 'down' : 'dim'),
          },
          {
            title: 'line',
            width: 90,
            words: true,
            text: (place) => lines.text(place).replace(/^(info|warn|error|fatal) /, ''),
          },
        ],
      },
      'Log',
    ),
    new Grid(
      {
        rows: () => answers.count,
        columns: [
          {
            title: 'time',
            unit: 'UTC',
            width: 12,
            words: true,
            text: (place) => clock(answers.at(place).time(), true),
          },
          { title: 'command', width: 9, words: true, text: (place) => `type ${answers.at(place).type()}` },
          {
            title: 'became',
            width: 10,
            words: true,
            text: (place) => nameOf(outcomes, answers.at(place).outcome()),
            tone: (place) => (answers.at(place).outcome() === 3 ? 'down' : 'up'),
          },
          {
            title: 'refusal',
            width: 8,
            text: (place) => (answers.at(place).refusal() === 0 ? '' : `#${answers.at(place).refusal()}`),
          },
          { title: 'log event', width: 14, text: (place) => whole(answers.at(place).seq()) },
        ],
      },
      'Commands',
    ),
    new Grid(
      {
        rows: () => refused.count,
        columns: [
          { title: 'refused', unit: 'UTC', width: 14, words: true, text: (place) => clock(refused.time(place), true) },
          {
            title: 'instrument',
            width: 24,
            words: true,
            text: (place) => host.markets.name(refused.at(place).order()?.instrument() ?? 0xffffffff),
            tone: () => 'mark',
          },
          {
            title: 'side',
            width: 5,
            words: true,
            text: (place) => nameOf(sides, refused.at(place).order()?.side() ?? 0),
          },
          {
            title: 'because',
            width: 46,
            words: true,
            text: (place) => refusalName(refused.at(place).code()),
            tone: () => 'down',
          },
          { title: 'found', width: 14, text: (place) => refused.at(place).found().toPrecision(6) },
          { title: 'limit', width: 14, text: (place) => refused.at(place).limit().toPrecision(6) },
        ],
      },
      'Refusals by risk',
    ),
  ];
  host.body.append(
    h('p', 'note', ['Lines of the engine, then commands of operators, then orders that risk refused.']),
    ...grids.map(({ element }) => element),
  );
  return {
    draw() {
      for (const grid of grids) grid.draw();
    },
    resized() {
      for (const grid of grids) grid.resized();
    },
    key: (event) => grids[0]!.key(event),
    csv: () => grids.map((grid) => grid.csv()).join('\n'),
  };
};
