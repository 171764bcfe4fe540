/** How the venue misbehaves. Probabilities are of one message or one request; times are milliseconds. */
export interface ChaosConfig {
  seed: number;
  /** A message is never sent. */
  drop: number;
  /** A message is sent twice. */
  duplicate: number;
  /** A message is overtaken by those behind it, for up to `reorderMs`. */
  reorder: number;
  reorderMs: number;
  /** A message, and all behind it, wait for up to `delayMs`. */
  delay: number;
  delayMs: number;
  /** A message is no JSON, or other JSON than the protocol's. */
  corrupt: number;
  /** A change of a book is left out, so that its chain is broken. */
  gap: number;
  /** With a message the connection stalls for `stallMs`: nothing is sent, nothing is lost. */
  stall: number;
  stallMs: number;
  /** The connection breaks when an order has arrived and was not accepted yet. */
  breakBeforeOrder: number;
  /** The connection breaks when an order was accepted, before its acknowledgement. */
  breakAfterOrder: number;
  /** An order is accepted and never acknowledged. */
  loseAcknowledgement: number;
  /** An acknowledgement comes `lateMs` after what happened to its order. */
  fillBeforeAcknowledgement: number;
  lateMs: number;
  /** A fill is told only when a cancel has been confirmed, or after `fillAfterCancelMs`. */
  fillAfterCancel: number;
  fillAfterCancelMs: number;
  /** An order, an edit or a cancel is refused by a code that asks to try again. */
  reject: number;
  /** A side of a mass quote is refused. */
  quoteFailure: number;
  /** A request finds its credits exhausted, which ends the connection. */
  rateLimit: number;
  /** With a request the venue's clock jumps by up to `clockJumpMs` either way. */
  clockJump: number;
  clockJumpMs: number;
  /** A request is read up to `slowReadMs` late. */
  slowRead: number;
  slowReadMs: number;
  /** Milliseconds from one maintenance to the next, of which the last `maintenanceMs` are it; 0 for none. */
  maintenanceEveryMs: number;
  maintenanceMs: number;
}

/** The venue behaves. */
export const noChaos: ChaosConfig = {
  seed: 1,
  drop: 0,
  duplicate: 0,
  reorder: 0,
  reorderMs: 50,
  delay: 0,
  delayMs: 100,
  corrupt: 0,
  gap: 0,
  stall: 0,
  stallMs: 2000,
  breakBeforeOrder: 0,
  breakAfterOrder: 0,
  loseAcknowledgement: 0,
  fillBeforeAcknowledgement: 0,
  lateMs: 5,
  fillAfterCancel: 0,
  fillAfterCancelMs: 250,
  reject: 0,
  quoteFailure: 0,
  rateLimit: 0,
  clockJump: 0,
  clockJumpMs: 5000,
  slowRead: 0,
  slowReadMs: 50,
  maintenanceEveryMs: 0,
  maintenanceMs: 0,
};

export type ChaosSetting = keyof ChaosConfig;

export const chaosSettings = Object.keys(noChaos) as ChaosSetting[];

const LONGEST_MS = 3_600_000;
const MOST_SEED = 0xffff_ffff;

/** What values a setting takes. */
function chaosBounds(setting: ChaosSetting): { least: number; most: number } {
  if (setting === 'seed') return { least: 0, most: MOST_SEED };
  return { least: 0, most: setting.endsWith('Ms') ? LONGEST_MS : 1 };
}

/** Why a value is none for a setting; undefined where it is one. */
export function chaosObjection(setting: ChaosSetting, value: unknown): string | undefined {
  const { least, most } = chaosBounds(setting);
  if (typeof value === 'number' && value >= least && value <= most) return undefined;
  return `chaos setting '${setting}': expected a number between ${least} and ${most}, found ${JSON.stringify(value)}`;
}

/** The settings of a text such as `drop=0.01,stall=0.001,seed=7`. Throws where it is no such text. */
export function parseChaos(text: string): ChaosConfig {
  const config = { ...noChaos };
  for (const part of text.split(',')) {
    const [name = '', value = ''] = part.split('=').map((side) => side.trim());
    const setting = chaosSettings.find((known) => known === name);
    if (setting === undefined) {
      throw new Error(`'${name}' is no chaos setting; there are ${chaosSettings.join(', ')}`);
    }
    const number = value === '' ? Number.NaN : Number(value);
    const objection = chaosObjection(setting, number);
    if (objection !== undefined) throw new Error(objection);
    config[setting] = number;
  }
  return config;
}
