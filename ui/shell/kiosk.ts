import type { Workspace } from './workspace.js';

const LEAST_SECONDS = 3;

/** A display on the wall: each pane in turn has all the room, and no command line is seen. */
export class Kiosk {
  private readonly workspace: Workspace;
  private readonly line: HTMLElement;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(workspace: Workspace, line: HTMLElement) {
    this.workspace = workspace;
    this.line = line;
  }

  /** @returns what is wrong with the seconds, in words; empty where nothing is */
  start(seconds: number): string {
    if (!(seconds >= LEAST_SECONDS)) return `KIOSK turns the pages every ${LEAST_SECONDS} seconds or more`;
    clearInterval(this.timer);
    this.line.classList.add('away');
    this.timer = setInterval(() => this.workspace.focusNext(), seconds * 1000);
    this.workspace.zoom(true);
    return '';
  }

  /** Does nothing where none runs. */
  end(): void {
    if (this.timer === undefined) return;
    clearInterval(this.timer);
    this.timer = undefined;
    this.line.classList.remove('away');
    this.workspace.zoom(false);
  }
}
