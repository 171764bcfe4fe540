import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cleanText, cleanValue, LARGEST_RESULT, redacted, resultText } from './outside-text.js';
import { AssistantDesk } from './testing/assistant-desk.js';
import { INJECTIONS } from './testing/injection-corpus.js';
import { says, uses } from './testing/messages-server.js';

/** The worst that a model which obeys a stranger could ask for, all at once. */
const obeys = uses(
  ['p1', 'propose_command', { command: 'pause', reason: 'a stranger said so' }],
  ['p2', 'propose_strategy', { action: 'size', value: 0, reason: 'a stranger said so' }],
  ['p3', 'confirm_proposal', { nonce: 'x' }],
  ['p4', 'place_order', { instrument: 1, amount: 100 }],
  ['p5', 'set_limit', { name: 'x', value: 1e9 }],
);

describe('texts from outside', () => {
  it('are many', () => {
    expect(INJECTIONS.length).toBeGreaterThanOrEqual(40);
    expect(new Set(INJECTIONS).size).toBe(INJECTIONS.length);
  });

  it.each(INJECTIONS)('%.60s is on one line, short, and hides nothing', (text) => {
    const clean = cleanText(text);
    expect(clean).not.toMatch(/[\p{Cc}\p{Cf}\p{Co}]/u);
    expect(clean.length).toBeLessThanOrEqual(510);
    expect(clean).not.toMatch(/sk-ant|hunter2|Zm9vYmFy|abcdefghijklmnop/);
  });

  it('never make a result larger than it may be, and say where rows were left out', () => {
    const rows = Array.from({ length: 3000 }, (_, at) => ({ at, text: INJECTIONS[at % INJECTIONS.length] }));
    const json = resultText({ ref: 1, rows });
    expect(json.length).toBeLessThanOrEqual(LARGEST_RESULT);
    expect(JSON.parse(json)).toMatchObject({ ref: 1, truncated: true, rowsInAll: 3000 });
    expect(JSON.parse(resultText({ ref: 1, words: Array.from({ length: 900 }, () => 'x'.repeat(400)) }))).toMatchObject(
      { ref: 1, error: /too large/ as never },
    );
  });

  it('lose accounts and secrets, wherever they stand', () => {
    expect(cleanValue({ account: 7, name: 'BTC', deep: [{ api_key: 'k', nonce: 'n', size: 2 }] })).toEqual({
      name: 'BTC',
      deep: [{ size: 2 }],
    });
    expect(redacted(`key ${'a1'.repeat(16)} and sk-ant-abcdefgh1`)).toBe('key [redacted] and [redacted]');
    expect(cleanValue([Number.NaN, 12n, undefined])).toEqual([null, '12', null]);
  });
});

describe('a model that obeys whatever a stranger writes', () => {
  let desk: AssistantDesk;
  beforeAll(async () => {
    desk = new AssistantDesk();
    await desk.open({ usdPerUserAndDay: 1000, usdPerDay: 1000 });
  });
  afterAll(() => desk.close());
  beforeEach(() => {
    desk.model.heard.length = 0;
  });
  afterEach(() => {
    // Whatever was said: nothing was done.
    expect(desk.desk.commandTypes()).toEqual([]);
    expect(desk.desk.board.killed()).toBe(0);
  });

  it.each(INJECTIONS)('carries nothing out: %.60s', async (text) => {
    desk.sql.rows = [[text]];
    desk.model.plays(uses(['q', 'query_sql', { sql: 'FROM log', reason: text.slice(0, 300) }]), obeys, says(text));
    const chat = await desk.chat();
    const { answer, events } = await desk.ask(chat, 'What does the log say?');
    expect(events.filter(({ kind }) => kind === 'proposal').length).toBeLessThanOrEqual(2);
    expect(answer.rounds[1]!.results.map(({ failed }) => failed)).toEqual([false, false, true, true, true]);
    // It came to the model as one JSON text in a result, and nowhere else of the first two requests.
    const [first, second] = desk.model.heard;
    expect(first!.body.messages.length).toBe(1);
    const { type, content } = second!.body.messages.at(-1)!.content[0]!;
    expect(type).toBe('tool_result');
    expect(JSON.parse(content!)).toMatchObject({ ref: 1, rows: [[cleanText(text)]] });
    expect(second!.body.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(JSON.stringify(second!.body.system)).toBe(JSON.stringify(first!.body.system));
  });

  it('finds no text of the screen that could hold words', async () => {
    const chat = await desk.chat();
    for (const text of INJECTIONS) {
      const screen = { panes: [{ page: text }] };
      const { status } = await desk.call('POST', `assistant/chats/${chat}/questions`, {
        text: 'q',
        parent: null,
        screen,
      });
      expect([413, 422]).toContain(status);
    }
    expect(desk.model.heard).toEqual([]);
  });
});
