import { MessageType } from '../../schemas/message-type.js';
import { h } from '../dom.js';
import { clock, whole } from '../format.js';
import { Grid } from '../grid/grid.js';
import { loggedCommands, logLines, receipts, refusals } from '../topics/pages.js';
import { nameOf, sides } from './codes.js';
import { fateOf } from './command-fate.js';
import type { OpenPage } from './page.js';
import { refusalName } from './refusal-name.js';

const levels = ['', 'info', 'warn', 'error', 'fatal'];
const outcomes = ['', 'taken', 'in the log', 'REFUSED'];
const typeNames = new Map<number, string>(Object.entries(MessageType).map(([name, type]) => [type, name]));

/** The name of a command's message in words: TRADER_CONTROL is a trader control. */
function commandName(type: number): string {
  return typeNames.get(type)?.toLowerCase().replaceAll('_', ' ') ?? `type ${type}`;
}

/** What the engine says, what became of commands, and what risk refused; the newest first. */
export const open: OpenPage = (host) => {
  const lines = host.tail(logLines);
  const answers = host.tail(receipts);
  const logged = host.tail(loggedCommands);
  const fate = (place: number) => fateOf(answers.at(place), logged);
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
          { title: 'command', width: 20, words: true, text: (place) => commandName(answers.at(place).type()) },
          {
            title: 'became',
            width: 10,
            words: true,
            text: (place) => nameOf(outcomes, fate(place).outcome()),
            tone: (place) => (fate(place).outcome() === 3 ? 'down' : 'up'),
          },
          {
            title: 'refusal',
            width: 8,
            text: (place) => (fate(place).refusal() === 0 ? '' : `#${fate(place).refusal()}`),
          },
          {
            title: 'log event',
            width: 14,
            text: (place) => (fate(place).seq() === 0 ? '' : whole(fate(place).seq())),
          },
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
          { title: 'found', width: 14, text: (place) => measured(place, refused.at(place).found()) },
          { title: 'limit', width: 14, text: (place) => measured(place, refused.at(place).limit()) },
        ],
      },
      'Refusals by risk',
    ),
  ];
  const noCommand = h('p', 'note', ['No operator has given a command since the engine began.']);
  const noRefusal = h('p', 'note', ['Risk has refused nothing since the engine began.']);
  // What is empty needs no room.
  for (const { element } of grids.slice(1)) element.classList.add('low');
  host.body.append(grids[0]!.element, noCommand, grids[1]!.element, noRefusal, grids[2]!.element);

  /** A refusal for a state has neither a number nor a limit. */
  function measured(place: number, value: number): string {
    const { found, limit } = { found: refused.at(place).found(), limit: refused.at(place).limit() };
    return found === 0 && limit === 0 ? '' : String(Number(value.toPrecision(6)));
  }

  return {
    draw() {
      noCommand.hidden = answers.count > 0;
      noRefusal.hidden = refused.count > 0;
      grids[1]!.element.hidden = answers.count === 0;
      grids[2]!.element.hidden = refused.count === 0;
      for (const grid of grids) grid.draw();
    },
    resized() {
      for (const grid of grids) grid.resized();
    },
    key: (event) => grids[0]!.key(event),
    csv: () => grids.map((grid) => grid.csv()).join('\n'),
  };
};
