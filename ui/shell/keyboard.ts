import type { KillSwitch } from './kill-switch.js';
import type { Kiosk } from './kiosk.js';
import type { Workspace } from './workspace.js';

/** What keys work on. */
export interface Keys {
  workspace: Workspace;
  killSwitch: KillSwitch;
  kiosk: Kiosk;
  /** Gives the keyboard to the command line. */
  line(): void;
  run(line: string): void;
  /** Has the display stand still, or go on. */
  pause(): void;
  /** A key was pressed: what it changes is drawn with the next frame. */
  wake(): void;
}

/** Hears every key: what the terminal itself takes, what it hands to the page, and what goes into the command line. */
export function hearKeys(keys: Keys): void {
  const { killSwitch } = keys;
  document.addEventListener('keydown', (event) => {
    keys.wake();
    if (isTaken(event, keys)) event.preventDefault();
  });
  document.addEventListener('keyup', ({ key }) => {
    if (key === 'Escape' || key === 'Shift') killSwitch.release();
  });
}

/** @returns whether the key was the terminal's or the page's, and means nothing else */
function isTaken(event: KeyboardEvent, { workspace, killSwitch, kiosk, line, run, pause }: Keys): boolean {
  kiosk.end();
  const { key, altKey, ctrlKey, shiftKey, metaKey } = event;
  const isTyping = (event.target as HTMLElement).matches('input, select, textarea');
  if (key === 'Escape' && shiftKey) killSwitch.hold();
  else if (altKey && /^[1-9]$/.test(key)) workspace.focus(Number(key) - 1);
  else if (altKey && key.toLowerCase() === 'z') workspace.zoom();
  else if (altKey && shiftKey && key.startsWith('Arrow')) workspace.moveEdge(key);
  else if (key === 'F1') run(`HELP ${workspace.focusedPane.entry.code}`);
  else if (ctrlKey && key === 'k') line();
  else if (isTyping) return false;
  else if (workspace.focusedPane.page?.key?.(event)) event.stopPropagation();
  else if (key === '.') pause();
  else if (key === '?') run('HELP');
  else if (key === 'Escape') workspace.goBack();
  else if (key === '/') line();
  else {
    // A letter goes into the line, since that has the focus by the time that it is written.
    if (key.length === 1 && !altKey && !ctrlKey && !metaKey) line();
    return false;
  }
  return true;
}
