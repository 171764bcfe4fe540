import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveAnswer } from '../assistant/live-answer.js';
import { AnswerFeed, type AnswerNews } from './answer-feed.js';

const STEP_MS = 33;

describe('an answer on a socket', () => {
  let live: LiveAnswer;
  let told: AnswerNews[];
  let waiting: number;
  let ended: number;

  beforeEach(() => {
    vi.useFakeTimers();
    live = new LiveAnswer('ada', 'a1');
    told = [];
    waiting = 0;
    ended = 0;
  });
  afterEach(() => vi.useRealTimers());

  const follow = (after = 0): AnswerFeed => {
    const feed = new AnswerFeed('a1', live, after, {
      say: (news) => void told.push(news),
      buffered: () => waiting,
      ended: () => void ended++,
    });
    feed.start();
    return feed;
  };
  const say = (words: string) => live.tell({ kind: 'text', text: words });
  const end = () =>
    live.tell({
      kind: 'end',
      answer: { id: 'a1', status: 'done', usage: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }, usd: 0 },
    });
  const words = () =>
    told.flatMap(({ events }) => events.map((event) => (event as { text?: string }).text ?? event.kind));

  it('tells the first word at once, and what follows in steps', () => {
    follow();
    say('one');
    expect(words()).toEqual(['one']);
    for (const word of [' two', ' three', ' four']) say(word);
    expect(words()).toEqual(['one']);
    vi.advanceTimersByTime(STEP_MS);
    expect(words()).toEqual(['one', ' two three four']);
    expect(told.at(-1)?.next).toBe(4);
  });

  it('tells the end and is silent then, also where the end was told before it began', () => {
    follow();
    say('all');
    end();
    vi.advanceTimersByTime(STEP_MS);
    expect(words()).toEqual(['all', 'end']);
    follow();
    expect(words()).toEqual(['all', 'end', 'all', 'end']);
    expect(ended).toBe(2);
  });

  it('goes on behind what was told already, and tells nothing twice', () => {
    say('one');
    say(' two');
    follow(1);
    expect(words()).toEqual([' two']);
    follow(99);
    expect(words()).toEqual([' two']);
  });

  it('waits while the socket is full, and then tells everything in one', () => {
    follow();
    waiting = 1e6;
    say('one');
    say(' two');
    vi.advanceTimersByTime(10 * STEP_MS);
    expect(told).toEqual([]);
    waiting = 0;
    vi.advanceTimersByTime(STEP_MS);
    expect(words()).toEqual(['one two']);
  });

  it('is told to nobody once it is left', () => {
    const feed = follow();
    say('one');
    say(' two');
    feed.stop();
    say(' three');
    vi.advanceTimersByTime(10 * STEP_MS);
    expect(words()).toEqual(['one']);
  });
});
