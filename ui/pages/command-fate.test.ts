import { expect, it } from 'vitest';
import { CommandReceipt } from '../../schemas/generated/command-receipt.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { fateOf } from './command-fate.js';

const [TAKEN, LOGGED, REFUSED] = [1, 2, 3];
const NO_PEER = 0xffffffff;

function receipt(peer: number, nonce: number, outcome: number, seq = 0, type = 7): CommandReceipt {
  const made = new CommandReceipt().__init(0, new ViewBuffer(new ArrayBuffer(CommandReceipt.sizeOf())));
  made.mutate_peer(peer);
  made.mutate_type(type);
  made.mutate_nonce(nonce);
  made.mutate_outcome(outcome);
  made.mutate_seq(seq);
  return made;
}

/** The newest first. */
const events = (...told: CommandReceipt[]) => ({ count: told.length, at: (age: number) => told[age]! });
const fate = (answer: CommandReceipt, ...logged: CommandReceipt[]): [number, number] => {
  const found = fateOf(answer, events(...logged));
  return [found.outcome(), found.seq()];
};

it('a command that was taken is in the log once the log has it, and its own place there is told', () => {
  expect(fate(receipt(1, 5, TAKEN))).toEqual([TAKEN, 0]);
  const others = [receipt(1, 6, LOGGED, 90), receipt(2, 5, LOGGED, 80), receipt(1, 5, LOGGED, 70, 8)];
  expect(fate(receipt(1, 5, TAKEN), ...others)).toEqual([TAKEN, 0]);
  expect(fate(receipt(1, 5, TAKEN), ...others, receipt(1, 5, LOGGED, 60))).toEqual([LOGGED, 60]);
  expect(fate(receipt(1, 5, TAKEN), receipt(NO_PEER, 5, LOGGED, 60))).toEqual([LOGGED, 60]);
});

it('a command that the core refused is refused, though it was taken at the door and is in the log', () => {
  expect(fate(receipt(1, 5, TAKEN), receipt(1, 5, REFUSED, 61), receipt(1, 5, LOGGED, 60))).toEqual([REFUSED, 61]);
});

it('a command that the door refused is never in the log', () => {
  expect(fate(receipt(1, 5, REFUSED), receipt(1, 5, LOGGED, 60))).toEqual([REFUSED, 0]);
});
