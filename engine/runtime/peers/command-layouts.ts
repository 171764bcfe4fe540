import { type FieldOf, fieldOffset, type Struct } from '../../../schemas/field-offset.js';
import { AlertCommand } from '../../../schemas/generated/alert-command.js';
import { BookedTrade } from '../../../schemas/generated/booked-trade.js';
import { LimitChange } from '../../../schemas/generated/limit-change.js';
import { ManualHedge } from '../../../schemas/generated/manual-hedge.js';
import { ManualOrder } from '../../../schemas/generated/manual-order.js';
import { OperatorCommand } from '../../../schemas/generated/operator-command.js';
import { RiskCommand } from '../../../schemas/generated/risk-command.js';
import { SmileAdjustment } from '../../../schemas/generated/smile-adjustment.js';
import { TraderControl } from '../../../schemas/generated/trader-control.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';

/** REARM opens the kill latch where an operator set it; stages pass it over. */
export const CommandCode = { PAUSE: 1, RESUME: 2, HALT: 3, REARM: 4 } as const;
export type CommandCode = (typeof CommandCode)[keyof typeof CommandCode];

/** Why a command was refused at the engine's door. */
export const CommandRefusal = { NONE: 0, VALUE: 1, NONCE: 2, ENGINE_BUSY: 3 } as const;
export type CommandRefusal = (typeof CommandRefusal)[keyof typeof CommandRefusal];
/** What the engine found wrong with a command that stands in the log is told as this and the code of a CommandFault. */
export const FIRST_FAULT = 16;

/** What became of a command, in a CommandReceipt. */
export const ReceiptOutcome = { TAKEN: 1, LOGGED: 2, REFUSED: 3 } as const;

/** A struct that a peer may send: its size, and what is looked at before it goes into the log. */
export interface CommandLayout {
  type: number;
  /** As it is called in a line of the log. */
  noun: string;
  bytes: number;
  /** Offsets in the struct; -1 for a peer that it does not name. */
  nonceAt: number;
  peerAt: number;
  /** Why the values of a struct at this place cannot be; undefined when they can. */
  objection(buffer: ViewBuffer, at: number): string | undefined;
}

/** The greatest value of a word that counts from a number on, or doubles that have to be finite. */
interface Rules<T> {
  words: { field: FieldOf<T>; least: number; most: number; says: (value: number) => string }[];
  doubles: { fields: FieldOf<T>[]; says: string; above?: number };
}

function layout<T extends Struct>(
  type: number,
  noun: string,
  struct: (new () => T) & { sizeOf(): number },
  fields: { nonce: FieldOf<T>; peer?: FieldOf<T> },
  rules: Rules<T>[],
): CommandLayout {
  const checks = rules.map(({ words, doubles }) => ({
    words: words.map(({ field, ...rest }) => ({ at: fieldOffset(struct, field), ...rest })),
    doubles: doubles.fields.map((field) => fieldOffset(struct, field)),
    says: doubles.says,
    above: doubles.above ?? Number.NEGATIVE_INFINITY,
  }));
  return {
    type,
    noun,
    bytes: struct.sizeOf(),
    nonceAt: fieldOffset(struct, fields.nonce),
    peerAt: fields.peer === undefined ? -1 : fieldOffset(struct, fields.peer),
    objection(buffer, at) {
      for (const { words, doubles, says, above } of checks) {
        for (const word of words) {
          const value = buffer.readUint32(at + word.at);
          if (value < word.least || value > word.most) return word.says(value);
        }
        for (const double of doubles) {
          const value = buffer.readFloat64(at + double);
          if (!Number.isFinite(value) || value <= above) return says;
        }
      }
      return undefined;
    },
  };
}

function within(
  least: number,
  most: number,
  what: string,
): { least: number; most: number; says: (value: number) => string } {
  return { least, most, says: (value) => `there is no ${what} ${value}` };
}

/** Everything that a peer may send. What is not here is refused unread. */
export const COMMAND_LAYOUTS: readonly CommandLayout[] = [
  layout(MessageType.OPERATOR_COMMAND, 'a command', OperatorCommand, { nonce: 'nonce', peer: 'peer' }, [
    {
      words: [{ field: 'command', ...within(1, 4, 'command') }],
      doubles: { fields: ['argument'], says: 'its argument is not a finite number' },
    },
  ]),
  layout(MessageType.SMILE_ADJUSTMENT, 'an adjustment', SmileAdjustment, { nonce: 'nonce', peer: 'peer' }, [
    {
      words: [],
      doubles: {
        fields: ['atmShift', 'skewShift', 'forwardShift'],
        says: 'one of its shifts is not a finite number',
      },
    },
  ]),
  layout(MessageType.RISK_COMMAND, 'a command to risk', RiskCommand, { nonce: 'nonce', peer: 'peer' }, [
    {
      words: [
        { field: 'action', ...within(1, 6, 'action') },
        { field: 'scope', ...within(1, 4, 'scope') },
        { field: 'confirmed', ...within(0, 1, 'confirmation') },
      ],
      doubles: { fields: ['expiry', 'reason'], says: 'its expiry or reason is not a finite number' },
    },
  ]),
  layout(MessageType.LIMIT_CHANGE, 'a change of a limit', LimitChange, { nonce: 'nonce', peer: 'peer' }, [
    {
      words: [{ field: 'confirmed', ...within(0, 1, 'confirmation') }],
      doubles: {
        fields: ['value', 'version', 'reason'],
        says: 'its value, version or reason is not a finite number',
      },
    },
  ]),
  layout(MessageType.BOOKED_TRADE, 'a booked trade', BookedTrade, { nonce: 'nonce', peer: 'peer' }, [
    {
      words: [{ field: 'side', ...within(1, 2, 'side') }],
      doubles: { fields: ['price', 'fee', 'tradeTime', 'reason'], says: 'one of its numbers is not finite' },
    },
    { words: [], doubles: { fields: ['amount'], says: 'its amount is not above zero', above: 0 } },
  ]),
  layout(MessageType.TRADER_CONTROL, "a trader's control", TraderControl, { nonce: 'nonce', peer: 'peer' }, [
    {
      words: [
        { field: 'action', ...within(1, 4, 'action') },
        { field: 'scope', ...within(1, 5, 'scope') },
        { field: 'side', ...within(0, 2, 'side') },
      ],
      doubles: { fields: ['expiry', 'strike', 'value'], says: 'its expiry, strike or value is not a finite number' },
    },
  ]),
  layout(MessageType.MANUAL_ORDER, 'an order by hand', ManualOrder, { nonce: 'nonce', peer: 'peer' }, [
    {
      words: [
        { field: 'side', ...within(1, 2, 'side') },
        { field: 'flags', ...within(0, 3, 'flag among') },
      ],
      doubles: { fields: ['price', 'amount', 'reason'], says: 'its price, amount or reason is not a finite number' },
    },
  ]),
  layout(MessageType.MANUAL_HEDGE, 'a hedge by hand', ManualHedge, { nonce: 'nonce', peer: 'peer' }, [
    {
      words: [{ field: 'urgency', ...within(0, 3, 'urgency') }],
      doubles: { fields: ['target', 'reason'], says: 'its target or reason is not a finite number' },
    },
  ]),
  layout(MessageType.ALERT_COMMAND, 'a command to the alerts', AlertCommand, { nonce: 'nonce' }, [
    {
      // Rules come from files only: here is no room for text.
      words: [
        { field: 'command', ...within(1, 3, 'command to alerts') },
        { field: 'textBytes', ...within(0, 0, 'text of') },
      ],
      doubles: { fields: ['until'], says: 'its end is not a finite number' },
    },
  ]),
];

/** The layout of a type; undefined for what a peer may not send. */
export function commandLayout(type: number): CommandLayout | undefined {
  return COMMAND_LAYOUTS.find((known) => known.type === type);
}

export const LARGEST_COMMAND = Math.max(...COMMAND_LAYOUTS.map(({ bytes }) => bytes));
