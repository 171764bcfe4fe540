import { download } from '../dom.js';
import { command, NOT_CONFIRMED } from '../net/http.js';
import { confirmation } from './confirmation.js';
import type { KillSwitch } from './kill-switch.js';
import type { Kiosk } from './kiosk.js';
import { isTheme, setTheme } from './theme.js';
import type { Workspace } from './workspace.js';

const KIOSK_SECONDS = '20';

/** What the terminal's own actions work on. */
export interface Controls {
  workspace: Workspace;
  killSwitch: KillSwitch;
  kiosk: Kiosk;
  say(words: string): void;
}

type Act = (words: readonly string[]) => void | Promise<void>;

/** What the terminal does itself, by the codes of the registry's `actions`. */
export function ownActions({ workspace, killSwitch, kiosk, say }: Controls): Readonly<Record<string, Act>> {
  async function order(path: string, done: string, body: object = {}): Promise<void> {
    say('sent, waiting for the answer');
    const { ok, status, words } = await command('POST', path, body, confirmation);
    if (ok) say(done);
    else say(words === NOT_CONFIRMED ? words : `NOT CONFIRMED: ${words}${status === 401 ? '. Sign in: SET <GO>' : ''}`);
  }
  const split =
    (way: 'row' | 'column'): Act =>
    ([word = '']) => {
      const page = word.toUpperCase();
      if (page !== '' && !workspace.hasPage(page)) return say(`there is no page '${page}'`);
      workspace.split(way, page || workspace.focusedPane.entry.code);
    };
  const fileName = (ending: string) => `volfilter-${workspace.focusedPane.entry.code.toLowerCase()}.${ending}`;
  return {
    KILL: () => killSwitch.kill('the command line'),
    PAUSE: () => order('/api/v1/quoting/pause', 'quoting is being paused'),
    RESUME: () => order('/api/v1/quoting/resume', 'quoting is being resumed'),
    FLATTEN: () => order('/api/v1/risk/state', 'positions are being closed', { action: 'flatten' }),
    ACTIVE: () => order('/api/v1/risk/state', 'risk is being made active', { action: 'active' }),
    RIGHT: split('row'),
    DOWN: split('column'),
    CLOSE: () => workspace.closeFocused(),
    ZOOM: () => workspace.zoom(),
    async SAVE([name = '']) {
      say(name === '' ? 'SAVE needs a name' : await workspace.saveAs(name.toUpperCase()));
    },
    async LOAD([name = '']) {
      const trouble = await workspace.load(name.toUpperCase());
      if (trouble !== '') say(trouble);
    },
    async SHARE() {
      await navigator.clipboard?.writeText(workspace.address);
      say('the address of these panes is copied');
    },
    RESET: () => workspace.reset(),
    THEME([word = '']) {
      const name = word.toLowerCase();
      if (!isTheme(name)) return say('THEME AMBER, SAFE or LIGHT');
      setTheme(name);
      workspace.resized();
    },
    KIOSK([seconds = KIOSK_SECONDS]) {
      const trouble = kiosk.start(Number(seconds));
      if (trouble !== '') say(trouble);
    },
    PNG() {
      const picture = workspace.focusedPane.picture();
      if (picture === undefined)
        return say(`${workspace.focusedPane.entry.code} has no chart to save; CSV saves its table`);
      const name = fileName('png');
      picture.toBlob((image) => {
        if (image !== null) download(name, image);
      });
    },
    CSV() {
      const text = workspace.focusedPane.page?.csv?.();
      if (text === undefined) return say(`${workspace.focusedPane.entry.code} has no table to save`);
      download(fileName('csv'), new Blob([text], { type: 'text/csv' }));
    },
  };
}
