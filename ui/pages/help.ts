import { button, h } from '../dom.js';
import type { OpenPage } from './page.js';
import { actions, pages } from './registry.js';

const keys: readonly (readonly [string, string])[] = [
  ['any letter, /', 'into the command line'],
  ['Tab', 'takes the first completion'],
  ['Up, Down in the line', 'lines that were given before'],
  ['1 to 9 <GO>, Alt+1 to 9', 'to the pane of this number'],
  ['Escape', 'back to what was shown before'],
  ['Shift+Escape held', 'KILL'],
  ['Alt+z', 'gives the pane all the room, or back'],
  ['Alt+Shift+arrows', 'moves the border of the pane'],
  ['arrows, h j k l', 'through a table'],
  ['Enter', 'into the row'],
  ['y', 'copies the row'],
  ['.', 'the display stands still; the data go on'],
  ['F1', 'help of the pane'],
];

/** Made from the one registry, so that nothing that there is can be missing. */
export const open: OpenPage = (host) => {
  const wanted = host.words[0]?.toUpperCase();
  const row = ({ code, title, usage, about, aliases }: (typeof actions)[number]) =>
    h('tr', '', [
      h('td', '', [button(code, () => host.run(code), 'mark')]),
      h('td', '', [title]),
      h('td', 'dim', [usage]),
      h('td', '', [`${about}${aliases === undefined ? '' : ` (also ${aliases.join(', ')})`}`]),
    ]);
  const entries = wanted === undefined ? pages : pages.filter(({ code }) => code === wanted);
  const table = (caption: string, rows: HTMLElement[]) =>
    h('table', 'plain reference', [h('caption', '', [caption]), h('tbody', '', rows)]);
  host.body.append(
    h(
      'div',
      'lines',
      [
        h('p', 'note', [
          '[UND] [EXPIRY] [STRIKE] [C|P] FUNCTION <GO>, for example: BTC OMON, BTC 27MAR26 SMILE, BTC 27MAR26 100K C OVME. What is not said stays as it was; ALL PORT is that of every underlying. <GO> is Enter.',
        ]),
        table('Pages', entries.map(row)),
        ...(wanted === undefined ? [table('What the terminal does', actions.map(row))] : []),
        table(
          'Keys',
          keys.map(([key, does]) => h('tr', '', [h('td', 'mark', [key]), h('td', '', [does])])),
        ),
      ],
      { tabindex: '0', role: 'region', 'aria-label': 'Help' },
    ),
  );
  return { draw() {} };
};
