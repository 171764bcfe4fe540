/** How a value of a message becomes a field of a record: the codes of a shape's steps. */
export const Action = {
  /** Nothing: the shape ends with its literal. */
  END: 0,
  /** A value that no field wants. */
  SKIP: 1,
  /** A number, as a float64. */
  NUMBER: 2,
  /** A number or null, as a float64; null is NaN. */
  OPTIONAL_NUMBER: 3,
  /** A number of per cent or null, as a fraction; null is NaN. */
  PERCENT: 4,
  /** A whole number of milliseconds, as microseconds. */
  MILLISECONDS: 5,
  /** A number in quotes, as a float64. */
  QUOTED_NUMBER: 6,
  /** `[["new"|"change"|"delete", price, amount], ...]`, as Levels. */
  ACTION_LEVELS: 7,
  /** `[[price, amount], ...]`, as Levels. */
  NUMBER_LEVELS: 8,
  /** `[["price", "amount"], ...]`, as Levels. */
  QUOTED_LEVELS: 9,
  /** The name that the record is about, as its id; where the channel is about one thing, it must be that. */
  SUBJECT: 10,
  /** One of a few words, or one of a class of texts, OR-ed into a uint32. */
  WORD: 11,
  /** A digit, shifted and OR-ed into a uint32. */
  DIGIT: 12,
  /** true or false, OR-ed into a uint32. */
  BOOLEAN: 13,
  /** A trade id in quotes: its number, as a float64, and bit 8 of the flags where letters and a dash stand before it. */
  TRADE_ID: 14,
  /** An array of objects that become a run of structs. */
  RUN: 15,
} as const;

export type ActionCode = (typeof Action)[keyof typeof Action];

/** Words of a WORD field and the bits that each sets; `otherwise` is for any other text, undefined refuses it. */
export interface WordBits {
  words: readonly (readonly [word: string, bits: number])[];
  prefixes?: readonly (readonly [prefix: string, bits: number])[];
  otherwise?: number;
}

/** What happens to the value at one path of a message. */
export interface Field {
  action: ActionCode;
  /** A message without it is refused. */
  required: boolean;
  /** Where the value goes, in bytes from the record's start, or from the struct's start in a run. */
  offset: number;
  /** LEVELS: 0 bids, 1 asks. DIGIT: the shift. BOOLEAN: bits for true. TRADE_ID: offset of the flags. */
  argument: number;
  /** BOOLEAN: bits for false. OPTIONAL_NUMBER: 1 where a text is as good as null. */
  otherwise: number;
  words?: WordBits;
  run?: RunLayout;
}

/** The structs of a run. */
export interface RunLayout {
  /** Bytes of one struct. */
  byteLength: number;
  fields: FieldMap;
}

/** From paths such as `params.data.greeks.delta` to fields; what is not named is skipped. */
export type FieldMap = Readonly<Record<string, Field>>;

const field = (action: ActionCode, offset: number, required: boolean, argument = 0): Field => ({
  action,
  required,
  offset,
  argument,
  otherwise: 0,
});

/** A number that must be there. */
export const number = (offset: number): Field => field(Action.NUMBER, offset, true);
/** A number that may be null or left out, which is NaN then. */
export const optionalNumber = (offset: number): Field => field(Action.OPTIONAL_NUMBER, offset, false);
/** A number that may also be a text, such as "expired", which is NaN then. */
export const numberOrText = (offset: number): Field => ({ ...optionalNumber(offset), otherwise: 1 });
/** A number of per cent that may be null or left out. */
export const percent = (offset: number): Field => field(Action.PERCENT, offset, false);
/** A time in milliseconds that must be there. */
export const milliseconds = (offset: number): Field => field(Action.MILLISECONDS, offset, true);
/** A number in quotes that must be there. */
export const quotedNumber = (offset: number): Field => field(Action.QUOTED_NUMBER, offset, true);
/** The name of what the record is about. */
export const subject = (offset: number): Field => field(Action.SUBJECT, offset, true);
/** A side of a book, in one of the three forms. */
export const levels = (
  form: typeof Action.ACTION_LEVELS | typeof Action.NUMBER_LEVELS | typeof Action.QUOTED_LEVELS,
  side: 'bids' | 'asks',
  countOffset: number,
): Field => field(form, countOffset, true, side === 'bids' ? 0 : 1);
/** A text that sets bits. */
export const word = (offset: number, words: WordBits, required = false): Field => ({
  ...field(Action.WORD, offset, required),
  words,
});
/** A digit that sets bits. */
export const digit = (offset: number, shift: number): Field => field(Action.DIGIT, offset, false, shift);
/** A truth value that sets bits. */
export const boolean = (offset: number, whenTrue: number, whenFalse: number): Field => ({
  ...field(Action.BOOLEAN, offset, true, whenTrue),
  otherwise: whenFalse,
});
/** A trade's id in quotes. */
export const tradeId = (offset: number, flagsOffset: number): Field =>
  field(Action.TRADE_ID, offset, true, flagsOffset);
/** An array of objects, each of which becomes one struct. */
export const run = (countOffset: number, layout: RunLayout): Field => ({
  ...field(Action.RUN, countOffset, true),
  run: layout,
});
