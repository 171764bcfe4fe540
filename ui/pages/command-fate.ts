import type { CommandReceipt } from '../../schemas/generated/command-receipt.js';

/** Events by their age, the newest first. */
interface Events<T> {
  readonly count: number;
  at(age: number): T;
}

const TAKEN = 1;
/** Of a command that names no peer: its number alone tells it. */
const NO_PEER = 0xffffffff;

/**
 * The last that was told of a command: the engine's door says that it was taken, and what came of it behind the door, that it is in the log or was
 * refused there, stands among `logged`.
 */
export function fateOf(answer: CommandReceipt, logged: Events<CommandReceipt>): CommandReceipt {
  if (answer.outcome() !== TAKEN) return answer;
  const [peer, type, nonce] = [answer.peer(), answer.type(), answer.nonce()];
  for (let age = 0; age < logged.count; age++) {
    const told = logged.at(age);
    if (told.nonce() !== nonce || told.type() !== type) continue;
    if (told.peer() === peer || told.peer() === NO_PEER) return told;
  }
  return answer;
}
