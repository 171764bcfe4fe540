import { describe, expect, it } from 'vitest';
import type { ProvedOutcome } from './ledger.js';
import { formatDuration, formatProofPage } from './page.js';

const machine = { cpu: 'A CPU', cores: 2, memoryGiB: 24, kernel: '6.1', node: 'v20.20.2', referenceKernelMs: 10 };
const held: ProvedOutcome = {
  commit: 'abc',
  name: 'stream',
  claim: 'no message is lost',
  unit: 'messages',
  amount: 1_000_000_000,
  date: '2026-01-02T03:04:05.000Z',
  seconds: 245,
  figures: [{ name: 'rate', unit: 'messages/s', value: 25_000_000 }],
};

describe('the page of proofs', () => {
  it('says what held, how much was tried, and where', () => {
    const page = formatProofPage(machine, [held], ['stream']);
    expect(page).toContain('* machine of the last: A CPU, 2 cores');
    expect(page).toContain(
      '| `stream` | no message is lost | 1,000,000,000 messages | rate 25,000,000 messages/s | 4 min 5 s | 2026-01-02 | abc |',
    );
  });

  it('hides neither what failed nor what was not run', () => {
    const page = formatProofPage(machine, [{ ...held, failure: 'lost\n| 7' }], ['stream', 'soak']);
    expect(page).toContain('| `stream` | **Failed**: lost \\| 7 |');
    expect(page).toContain(': soak.');
  });

  it.each([
    [1.26, '1.3 s'],
    [61, '1 min 1 s'],
    [7_380, '2 h 3 min'],
  ])('tells %d seconds as %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});
