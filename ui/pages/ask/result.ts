import { button, h } from '../../dom.js';

/** What a tool told the model. */
export interface ToolResult {
  ref: number;
  name: string;
  text: string;
  failed: boolean;
}

/** A result that an answer rests on, folded. `opened`: results that the reader has opened, which stay open when the conversation is drawn again. */
export function resultNode(
  { ref, name, text: json, failed }: ToolResult,
  opened: Set<string>,
  run: (line: string) => void,
): HTMLElement {
  const pane = /"pane":"([A-Z]{1,8})"/.exec(json)?.[1];
  const node = h(
    'details',
    failed ? 'result bad' : 'result',
    [
      h('summary', '', [`#${ref} ${name}${failed ? ' (failed)' : ''}`]),
      ...(pane === undefined || pane === 'ASK' ? [] : [button(`open ${pane}`, () => run(`RIGHT ${pane}`))]),
      h('pre', 'code', [json], { tabindex: '0' }),
    ],
    { 'data-ref': String(ref), ...(opened.has(String(ref)) ? { open: '' } : {}) },
  );
  node.addEventListener('toggle', () => {
    if ((node as HTMLDetailsElement).open) opened.add(String(ref));
    else if (node.isConnected) opened.delete(String(ref));
  });
  return node;
}
