import { h, setText } from '../../dom.js';
import type { AnswerEvent, Ended } from './api.js';
import { MarkdownStream } from './markdown.js';
import type { ToolResult } from './result.js';
import { type DrawnAnswer, isAtEnd } from './transcript.js';
import type { Message, Proposal } from './tree.js';

/** Draws an answer as it comes, at most once a frame. */
export class IncomingAnswer {
  private readonly answer: DrawnAnswer;
  private readonly room: HTMLElement;
  private readonly stream: MarkdownStream;
  private readonly card: (proposal: Proposal) => HTMLElement;
  /** What the assistant does meanwhile. */
  private readonly told = h('span', 'dim');
  /** Words that came since the last frame. */
  private came = '';
  /** A tool was used since the last words: what follows is a paragraph of its own. */
  private isAfterTool = false;
  private readonly results: ToolResult[] = [];
  private readonly proposals: Proposal[] = [];
  private ended: Ended | undefined;

  /** @param room what scrolls @param card draws a proposal that comes with it */
  constructor(
    answer: DrawnAnswer,
    room: HTMLElement,
    cite: (ref: number) => void,
    card: (proposal: Proposal) => HTMLElement,
  ) {
    this.answer = answer;
    this.room = room;
    this.card = card;
    this.stream = new MarkdownStream(answer.said, cite);
    answer.section.append(this.told);
    room.append(answer.section);
  }

  take(event: AnswerEvent): void {
    const { told, answer } = this;
    if (event.kind === 'text') {
      if (this.came === '') requestAnimationFrame(() => this.grow());
      this.came += this.isAfterTool && answer.text + this.came !== '' ? `\n\n${event.text}` : event.text;
      this.isAfterTool = false;
      setText(told, '');
    } else if (event.kind === 'tool') {
      this.isAfterTool = true;
      setText(told, `looks: ${event.name}`);
    } else if (event.kind === 'waits') setText(told, `${event.words}; again in ${Math.ceil(event.seconds)} s`);
    else if (event.kind === 'result') this.results.push(event);
    else if (event.kind === 'proposal') {
      this.proposals.push(event.proposal);
      answer.section.insertBefore(this.card(event.proposal), told);
    } else this.ended = event.answer;
  }

  /**
   * Nothing follows.
   * @param begun the answer as it was when it began
   * @returns the answer as it was told; undefined where its end was not, so that the gateway has to be asked for it
   */
  end(begun: Message): Message | undefined {
    this.grow();
    this.stream.end();
    const { ended, answer, results, proposals } = this;
    if (ended === undefined) return undefined;
    // Of what the model declined to say nothing is kept.
    const isKept = ended.failure?.code !== 'refused';
    const round = {
      blocks: [{ type: 'text', text: answer.text }],
      results: results.toSorted((a, b) => a.ref - b.ref),
    };
    return { ...begun, ...ended, rounds: isKept ? [round] : [], cards: proposals.map(({ card }) => card) };
  }

  private grow(): void {
    if (this.came === '') return;
    const { room } = this;
    const follows = isAtEnd(room);
    this.stream.append(this.came);
    this.answer.text += this.came;
    this.came = '';
    if (follows) room.scrollTop = room.scrollHeight;
  }
}
