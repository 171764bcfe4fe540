import type { Target } from '../command/target.js';
import type { Connection } from '../net/connection.js';
import type { Placed } from '../net/frame.js';
import type { Channel, Topic } from '../store/channel.js';
import type { Markets } from '../store/markets.js';
import type { Table } from '../store/table.js';
import type { Tail } from '../store/tail.js';

/** What a page is given by the pane that it stands in. */
export interface PaneHost {
  /** The page's room; it is empty. */
  readonly body: HTMLElement;
  readonly target: Target;
  /** Words behind the function. */
  readonly words: readonly string[];
  readonly connection: Connection;
  readonly markets: Markets;
  /** The newest rows of a topic, as long as the pane is open. Its age becomes that of the pane. */
  table<T extends Placed>(topic: Topic<T>): Table<T>;
  /** The last events of a topic. */
  tail<T extends Placed>(topic: Topic<T>): Tail<T>;
  channel<T extends Placed>(topic: Topic<T>): Channel<T>;
  /** Gives a line to the terminal, as if it had been typed. */
  run(line: string): void;
  /** Says something where the command line says things. */
  say(words: string): void;
  /** Asks before what adds risk or cannot be taken back. */
  confirm(question: string): Promise<boolean>;
}

/** A page that is open in a pane. */
export interface Page {
  /** Brings the page up to what is known. Called at most once a frame, and only when something came or a second has passed. */
  draw(now: number): void;
  /** Milliseconds between two drawings, at least, where drawing is costly: a curve, or a walk over every row. */
  pace?: number;
  /** The pane's room has changed. */
  resized?(): void;
  /** A key that the pane has for the page. @returns whether it was one of its own */
  key?(event: KeyboardEvent): boolean;
  closed?(): void;
  /** What it shows, as lines of comma-separated values. */
  csv?(): string;
}

export type OpenPage = (host: PaneHost) => Page;
