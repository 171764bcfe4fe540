import { layOutForPaper } from '../grid/paper.js';
import type { Workspace } from './workspace.js';

/** Puts the focused pane on paper, as `CSV` and `PNG` save it: its tables with all their rows, in the colours of the light theme. */
export function hearPrinting(workspace: Workspace): void {
  const { dataset } = document.documentElement;
  let putBack: (() => void) | undefined;
  addEventListener('beforeprint', () => {
    if (putBack !== undefined) return;
    const pane = workspace.focusedPane;
    const { theme } = dataset;
    dataset.theme = 'light';
    pane.drawAnew();
    const takeAway = layOutForPaper(pane.element);
    putBack = () => {
      takeAway();
      dataset.theme = theme;
      pane.drawAnew();
    };
  });
  addEventListener('afterprint', () => {
    putBack?.();
    putBack = undefined;
  });
}
