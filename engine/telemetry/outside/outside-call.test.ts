import { describe, expect, it } from 'vitest';
import { NotCalled, OutsideCall, RefusedForGood } from './outside-call.js';
import { outsideStatuses } from './outside-status.js';

const fast = { firstPauseMs: 1, timeoutMs: 10_000 };
let named = 0;
/** Of a name of its own: a status outlives its call. */
const call = (policy: ConstructorParameters<typeof OutsideCall>[1], note?: (text: string) => void): OutsideCall =>
  new OutsideCall(`call-${++named}`, { ...fast, ...policy }, note);
const failing = (): Promise<never> => Promise.reject(new Error('down'));

describe('a call to the world outside', () => {
  it('is made again where it failed, and gives what the attempt gave that did not', async () => {
    const outside = call({ retries: 2 });
    let attempts = 0;
    const answer = await outside.call(async () => (++attempts < 3 ? failing() : 'up'));
    expect([answer, attempts]).toEqual(['up', 3]);
    expect(outside.status).toMatchObject({ state: 'closed', calls: 1, succeeded: 1, failed: 0, retried: 2 });
  });

  it('is not made again after a final refusal, which is no sign that the other side is ill', async () => {
    const outside = call({ retries: 5, failures: 1 });
    let attempts = 0;
    const refused = (): Promise<never> => {
      attempts++;
      return Promise.reject(new RefusedForGood('no'));
    };
    for (let each = 0; each < 3; each++) await expect(outside.call(refused)).rejects.toThrow('no');
    expect(attempts).toBe(3);
    expect(outside.status).toMatchObject({ state: 'closed', failed: 3, refused: 0 });
  });

  it('is left alone when it failed again and again, and tried after a while', async () => {
    const notes: string[] = [];
    const outside = call({ retries: 0, failures: 2, openMs: 500 }, (text) => notes.push(text));
    for (let each = 0; each < 2; each++) await expect(outside.call(failing)).rejects.toThrow('down');
    expect([outside.isOpen, outside.status.state]).toEqual([true, 'open']);
    await expect(outside.call(failing)).rejects.toBeInstanceOf(NotCalled);
    while (outside.status.state !== 'closed') {
      await new Promise((resolve) => setTimeout(resolve, 10));
      await outside.call(async () => 'up').catch(() => {});
    }
    expect(notes).toEqual([
      `${outside.status.name} failed 2 times in a row: it is left alone for 0.5 s`,
      `${outside.status.name} answers again`,
    ]);
  });

  it('takes no longer than its time, whether or not it listens to the signal', async () => {
    const outside = call({ timeoutMs: 10, retries: 0 });
    await expect(outside.call(() => new Promise(() => {}))).rejects.toThrow('timed out');
    expect(outside.status.failed).toBe(1);
  });

  it('is refused where too many are under way: one slow host holds no more than its share', async () => {
    const outside = call({ atOnce: 2, waiting: 1, retries: 0 });
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const under = Array.from({ length: 3 }, () => outside.call(() => held));
    await expect(outside.call(() => held)).rejects.toThrow('has 2 calls under way and 1 that wait');
    release();
    await Promise.all(under);
    expect(outside.status).toMatchObject({ calls: 4, succeeded: 3, refused: 1 });
  });

  it('is known by its name in this thread', () => {
    const { status } = call({});
    expect(outsideStatuses()).toContain(status);
  });
});
