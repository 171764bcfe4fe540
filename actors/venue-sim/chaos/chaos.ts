import { type ChaosConfig, type ChaosSetting, noChaos } from './config.js';
import { Dice } from './dice.js';

/** What a request is, as far as misbehaviour treats them differently. */
export const RequestKind = { OTHER: 0, ORDER: 1, EDIT: 2, CANCEL: 3, MASS_QUOTE: 4 } as const;
export type RequestKind = (typeof RequestKind)[keyof typeof RequestKind];

/** What a message to a client is. */
export const MessageKind = {
  ANSWER: 0,
  /** The acknowledgement of an order, an edit or quotes. */
  ACKNOWLEDGEMENT: 1,
  /** The confirmation of a cancel. */
  CANCELLED: 2,
  BOOK_CHANGE: 3,
  MARKET_DATA: 4,
  /** About the client's own orders, positions and money. */
  OWN: 5,
  /** Tells of a fill. */
  OWN_FILL: 6,
  HEARTBEAT: 7,
} as const;
export type MessageKind = (typeof MessageKind)[keyof typeof MessageKind];

/** What is done with a request. */
export const RequestFate = {
  SERVE: 0,
  /** The connection breaks and the request was never served. */
  BREAK_BEFORE: 1,
  /** It is served, and the connection breaks before the answer. */
  BREAK_AFTER: 2,
  /** It is served and not answered. */
  LOSE_ANSWER: 3,
  REJECT: 4,
  RATE_LIMIT: 5,
} as const;
export type RequestFate = (typeof RequestFate)[keyof typeof RequestFate];

/** What is done with a message. */
export const MessageFate = {
  SEND: 0,
  DROP: 1,
  DUPLICATE: 2,
  /** Others may overtake it for `waitMicros`. */
  OVERTAKE: 3,
  /** It and all behind it wait for `waitMicros`. */
  DELAY: 4,
  CORRUPT: 5,
  /** It waits for the confirmation of a cancel, for `waitMicros` at most. */
  UNTIL_CANCELLED: 6,
} as const;
export type MessageFate = (typeof MessageFate)[keyof typeof MessageFate];

/** Codes of refusals after which the venue wants to be asked again. */
const RETRIABLE = [10_040, 10_047, 10_066, 13_028, 13_888] as const;

/**
 * Decides how the venue misbehaves: a pure, seeded layer that knows messages by their kinds alone, so that sockets and the
 * face on a virtual clock are tortured alike. The same seed and the same order of questions give the same decisions.
 */
export class Chaos {
  #config: ChaosConfig;
  #dice: Dice;
  #isOn: boolean;
  #startMs = 0;
  /** How far the venue's clock has jumped, microseconds. */
  clockShiftMicros = 0;
  /** How long the last fate's message or request waits, microseconds. */
  waitMicros = 0;
  /** Decisions to misbehave, by name. */
  readonly counts = new Map<string, number>();
  #underMaintenance = false;

  constructor(config: ChaosConfig = noChaos) {
    this.#config = config;
    this.#dice = new Dice(config.seed);
    this.#isOn = misbehaves(config);
  }

  get config(): Readonly<ChaosConfig> {
    return this.#config;
  }

  /** False where every decision is to behave: then nobody needs to ask. */
  get isOn(): boolean {
    return this.#isOn;
  }

  /** Changes some settings; a seed starts the throws again. */
  configure(changes: Partial<ChaosConfig>, nowMs: number): void {
    this.#config = { ...this.#config, ...changes };
    this.#isOn = misbehaves(this.#config);
    if (changes.seed !== undefined) this.#dice = new Dice(changes.seed);
    if (changes.maintenanceEveryMs !== undefined) this.#startMs = nowMs;
  }

  /** Begins or ends a maintenance that lasts until it is ended. */
  maintain(isOn: boolean): void {
    this.#underMaintenance = isOn;
  }

  isUnderMaintenance(nowMs: number): boolean {
    const { maintenanceEveryMs, maintenanceMs } = this.#config;
    if (this.#underMaintenance || maintenanceEveryMs === 0) return this.#underMaintenance;
    return (nowMs - this.#startMs) % maintenanceEveryMs >= maintenanceEveryMs - maintenanceMs;
  }

  /** How long a request waits before it is read, microseconds. */
  readingDelay(): number {
    return this.#is('slowRead') ? this.#dice.between(0, this.#config.slowReadMs) * 1000 : 0;
  }

  request(kind: RequestKind): RequestFate {
    if (!this.#isOn) return RequestFate.SERVE;
    if (this.#is('clockJump')) {
      const { clockJumpMs } = this.#config;
      this.clockShiftMicros += Math.round(this.#dice.between(-clockJumpMs, clockJumpMs)) * 1000;
    }
    if (this.#is('rateLimit')) return RequestFate.RATE_LIMIT;
    if (kind === RequestKind.OTHER) return RequestFate.SERVE;
    if (this.#is('reject')) return RequestFate.REJECT;
    if (kind === RequestKind.CANCEL) return RequestFate.SERVE;
    if (this.#is('breakBeforeOrder')) return RequestFate.BREAK_BEFORE;
    if (this.#is('breakAfterOrder')) return RequestFate.BREAK_AFTER;
    return this.#is('loseAcknowledgement') ? RequestFate.LOSE_ANSWER : RequestFate.SERVE;
  }

  /** Code of a refusal that a request fated to be rejected gets. */
  rejection(): number {
    return RETRIABLE[this.#dice.index(RETRIABLE.length)]!;
  }

  /** Whether one side of a mass quote is refused. */
  quoteFails(): boolean {
    return this.#isOn && this.#is('quoteFailure');
  }

  message(kind: MessageKind): MessageFate {
    this.waitMicros = 0;
    if (!this.#isOn) return MessageFate.SEND;
    const config = this.#config;
    if (kind === MessageKind.BOOK_CHANGE && this.#is('gap')) return MessageFate.DROP;
    if (kind === MessageKind.ACKNOWLEDGEMENT && this.#is('fillBeforeAcknowledgement')) {
      return this.#wait(MessageFate.OVERTAKE, config.lateMs);
    }
    if (kind === MessageKind.OWN_FILL && this.#is('fillAfterCancel')) {
      return this.#wait(MessageFate.UNTIL_CANCELLED, config.fillAfterCancelMs);
    }
    if (this.#is('drop')) return MessageFate.DROP;
    if (this.#is('duplicate')) return MessageFate.DUPLICATE;
    if (this.#is('corrupt')) return MessageFate.CORRUPT;
    if (this.#is('stall')) return this.#wait(MessageFate.DELAY, config.stallMs);
    if (this.#is('delay')) return this.#wait(MessageFate.DELAY, this.#dice.between(0, config.delayMs));
    if (this.#is('reorder')) return this.#wait(MessageFate.OVERTAKE, this.#dice.between(0, config.reorderMs));
    return MessageFate.SEND;
  }

  /** A place in what is to be corrupted, from 0 up to and not including `length`. */
  place(length: number): number {
    return this.#dice.index(length);
  }

  #wait(fate: MessageFate, milliseconds: number): MessageFate {
    this.waitMicros = milliseconds * 1000;
    return fate;
  }

  #is(setting: ChaosSetting): boolean {
    if (!this.#dice.happens(this.#config[setting])) return false;
    this.counts.set(setting, (this.counts.get(setting) ?? 0) + 1);
    return true;
  }
}

function misbehaves(config: ChaosConfig): boolean {
  const names = Object.keys(config) as ChaosSetting[];
  return names.some((name) => name !== 'seed' && !name.endsWith('Ms') && config[name] > 0);
}
