import { button, h } from '../../dom.js';
import { command } from '../../net/http.js';
import type { PaneHost } from '../page.js';
import { BASE } from './api.js';
import type { Conversation } from './conversation.js';
import type { Card } from './tree.js';

/** What the model proposes: the exact change, which nobody but the user can have done. */
export function proposalCard(card: Card, conversation: Conversation, host: PaneHost): HTMLElement {
  const waiting = conversation.waiting(card.id);
  const drawAgain = () => node.replaceWith(proposalCard(card, conversation, host));
  const confirm = async () => {
    if (waiting === undefined) return;
    const outcome = await command(
      'POST',
      `${BASE}/proposals/${waiting.nonce}`,
      { hash: waiting.card.hash },
      host.confirm.bind(host),
    );
    conversation.drop(waiting);
    host.say(outcome.ok ? `done: ${card.summary}` : `NOT DONE: ${outcome.words}`);
    const { lines = [] } = (outcome.body ?? {}) as { lines?: string[] };
    drawAgain();
    for (const line of lines) {
      host.run('RIGHT');
      host.run(line);
    }
  };
  const dismiss = () => {
    if (waiting !== undefined) conversation.drop(waiting);
    drawAgain();
  };
  const node = h('section', 'card', [
    h('b', '', [`PROPOSAL: ${card.summary}`]),
    h('pre', 'code', [card.diff.join('\n')]),
    waiting === undefined
      ? h('span', 'dim', ['carried out, or lapsed'])
      : h('span', '', [button('Confirm', () => void confirm()), button('Dismiss', dismiss)]),
  ]);
  return node;
}
