import { button, h } from '../../dom.js';
import type { PaneHost } from '../page.js';
import type { Conversation } from './conversation.js';
import { markdown } from './markdown.js';
import { proposalCard } from './proposal-card.js';
import { resultNode } from './result.js';
import { answerText, type Message, siblings } from './tree.js';

/** Pixels from the end within which a reader is taken to follow what comes. */
const AT_THE_END = 48;

/** Whether somebody reads the end of what scrolls. */
export function isAtEnd({ scrollHeight, scrollTop, clientHeight }: Element): boolean {
  return scrollHeight - scrollTop - clientHeight < AT_THE_END;
}

/** An answer as it stands on the screen: its words, and what is told below them. */
export interface DrawnAnswer {
  section: HTMLElement;
  said: HTMLElement;
  text: string;
}

/** A message on the screen, and what it was drawn from: as long as that is the same it stays. */
interface StandingMessage {
  node: HTMLElement;
  message: Message;
  /** Its place among those beside it, and their number. */
  place: string;
  isWriting: boolean;
}

/** What the buttons at a message do. */
export interface MessageActs {
  /** Asks a question anew, in other words, beside the old one. */
  edit(question: Message): void;
  /** Has a question answered once more. */
  again(question: Message): void;
  /** Has the next question hang on this answer. */
  fork(answer: Message): void;
  /** Shows the branch that a message belongs to. */
  branch(message: Message): void;
  /** Takes a message away, and what hangs on it. */
  remove(message: Message): void;
}

/** The conversation on the screen. What stands is not drawn again with what comes. */
export class Transcript {
  readonly element = h('div', 'lines talk', [], { tabindex: '0', role: 'log', 'aria-label': 'Conversation' });
  private readonly host: PaneHost;
  private readonly conversation: Conversation;
  private readonly acts: MessageActs;
  /** Messages as they stand on the screen. */
  private readonly nodes = new Map<string, StandingMessage>();
  /** Answers that are drawn, by message: their words are not drawn again with the conversation. */
  private readonly drawn = new Map<string, DrawnAnswer>();
  /** Results that the reader has opened: they stay open when the conversation is drawn again. */
  private readonly opened = new Set<string>();

  constructor(host: PaneHost, conversation: Conversation, acts: MessageActs) {
    this.host = host;
    this.conversation = conversation;
    this.acts = acts;
  }

  /** @param isAsked something was asked or opened, which is then seen; otherwise a reader stays where they read */
  draw(isAsked = true): void {
    const { element, conversation } = this;
    const goesToEnd = isAsked || isAtEnd(element);
    const beside = siblings(conversation.messages);
    const wanted = conversation.path.map((message) => this.standing(message, beside.get(message.parent) ?? []));
    const stays = new Set<Element>(wanted);
    // What stands where it belongs is not touched: a long answer that is moved is laid out anew.
    for (const [at, node] of wanted.entries()) {
      const there = element.children[at];
      if (there === node) continue;
      if (there === undefined || stays.has(there)) element.insertBefore(node, there ?? null);
      else there.replaceWith(node);
    }
    while (element.children.length > wanted.length) element.lastElementChild?.remove();
    if (goesToEnd) element.scrollTop = element.scrollHeight;
  }

  /** Forgets what is drawn, for another chat. */
  clear(): void {
    this.nodes.clear();
    this.drawn.clear();
    this.opened.clear();
  }

  /** The place of an answer of which nothing has come yet. */
  place(answer: string): DrawnAnswer {
    this.drawn.delete(answer);
    return this.drawnAnswer(answer, undefined);
  }

  /** Shows what an answer rests on. */
  readonly cite = (ref: number): void => {
    this.opened.add(String(ref));
    const found = this.element.querySelector<HTMLDetailsElement>(`[data-ref="${ref}"]`);
    // While an answer comes its results are not drawn yet: then it opens with them.
    if (found === null && this.conversation.writing !== undefined) return;
    if (found === null) {
      this.host.say(`there is no result ${ref} in this conversation`);
      return;
    }
    found.open = true;
    found.scrollIntoView({ block: 'nearest' });
  };

  /** The node of a message, which is drawn only where something about it has changed. */
  private standing(message: Message, beside: readonly Message[]): HTMLElement {
    const known = this.nodes.get(message.id);
    const place = `${beside.indexOf(message)}/${beside.length}`;
    const isWriting = message.id === this.conversation.writing;
    if (known?.message === message && known.place === place && known.isWriting === isWriting) return known.node;
    const node = this.messageNode(message, beside);
    this.nodes.set(message.id, { node, message, place, isWriting });
    return node;
  }

  private messageNode(message: Message, beside: readonly Message[]): HTMLElement {
    if (message.role !== 'user') return this.answerNode(message, beside);
    const { acts } = this;
    return h('section', 'asked', [
      h('p', 'mark', [message.text ?? '']),
      h('div', 'dim', [
        button('edit', () => acts.edit(message)),
        button('again', () => acts.again(message)),
        button('delete', () => acts.remove(message)),
        ...this.pager(message, beside),
      ]),
    ]);
  }

  private answerNode(message: Message, beside: readonly Message[]): HTMLElement {
    const { conversation, host, opened } = this;
    if (message.id === conversation.writing) return this.drawnAnswer(message.id, undefined).section;
    const { rounds = [], cards = [], failure } = message;
    const { section, said } = this.drawnAnswer(message.id, answerText(message));
    // The words stay where they are: to put them in again would lay a long answer out anew.
    while (section.lastChild !== null && section.lastChild !== said) section.lastChild.remove();
    section.append(
      ...(failure === undefined ? [] : [h('p', 'note bad', [failure.words])]),
      ...cards.map((card) => proposalCard(card, conversation, host)),
      ...rounds.flatMap(({ results }) => results.map((result) => resultNode(result, opened, (line) => host.run(line)))),
      h('div', 'dim', [costOf(message), button('fork', () => this.acts.fork(message)), ...this.pager(message, beside)]),
    );
    return section;
  }

  /** The words of an answer as they were drawn before, where they are the same. */
  private drawnAnswer(id: string, text: string | undefined): DrawnAnswer {
    const known = this.drawn.get(id);
    if (known !== undefined && (text === undefined || known.text === text)) return known;
    const said = h('div', 'said', text === undefined ? [] : markdown(text, this.cite));
    const made = { section: h('section', 'answered', [said]), said, text: text ?? '' };
    this.drawn.set(id, made);
    return made;
  }

  private pager(message: Message, beside: readonly Message[]): HTMLElement[] {
    if (beside.length < 2) return [];
    const at = beside.indexOf(message);
    const turn = (by: number) =>
      button(by < 0 ? '<' : '>', () => {
        const other = beside[at + by];
        if (other !== undefined) this.acts.branch(other);
      });
    return [turn(-1), h('span', 'dim', [`${at + 1}/${beside.length}`]), turn(1)];
  }
}

function costOf({ usage, usd = 0 }: Message): string {
  if (usage === undefined) return '';
  const { input, output, cacheRead, cacheWrite } = usage;
  return `${input + cacheRead + cacheWrite} in (${cacheRead} kept), ${output} out, ${usd.toFixed(4)} USD `;
}
