/** JSON that is there already. */
export class Prepared {
  readonly json: string;

  constructor(json: string) {
    this.json = json;
  }
}

/**
 * A result that takes more work, which is a turn of its own: reading what is asked for, doing it and writing the answer are three. Nothing else of the venue's happens
 * in between, so that all of them are one step to whoever looks at it.
 */
export class Continued {
  readonly next: () => Result;

  constructor(next: () => Result) {
    this.next = next;
  }
}

/** What pieces give in the midst of one: the rest of it is a turn of its own, before which nothing else happens. No JSON is that. */
export const GO_ON = '\u0000';

/** A result too long for one turn: its JSON, some of it at a time. */
export class Slices {
  readonly pieces: Iterator<string>;

  constructor(pieces: Iterator<string>) {
    this.pieces = pieces;
  }
}

/** What a method gives: a value for JSON, JSON, JSON in pieces, or one of these later. */
export type Result = Prepared | Slices | Continued | string | number | boolean | null | object;

/** A list as JSON in pieces, so that no turn grows with its length. */
export function listSlices<Item>(items: Iterable<Item>, write: (item: Item) => string, perPiece = 16): Slices {
  return new Slices(pieces(items, write, perPiece));
}

function* pieces<Item>(items: Iterable<Item>, write: (item: Item) => string, perPiece: number): Generator<string> {
  let piece = '[';
  let count = 0;
  for (const item of items) {
    piece += count === 0 ? write(item) : `,${write(item)}`;
    if (++count % perPiece !== 0) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}]`;
}
