import { h, setText } from '../../dom.js';
import type { AnswerEvent } from './api.js';
import { MarkdownStream } from './markdown.js';
import type { DrawnAnswer } from './transcript.js';
import type { Proposal } from './tree.js';

/** Pixels from the end within which a reader is taken to follow what comes. */
const AT_THE_END = 48;

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
    else if (event.kind === 'proposal') answer.section.insertBefore(this.card(event.proposal), told);
  }

  /** Nothing follows. */
  end(): void {
    this.grow();
    this.stream.end();
  }

  private grow(): void {
    if (this.came === '') return;
    const { room } = this;
    const follows = room.scrollHeight - room.scrollTop - room.clientHeight < AT_THE_END;
    this.stream.append(this.came);
    this.answer.text += this.came;
    this.came = '';
    if (follows) room.scrollTop = room.scrollHeight;
  }
}
