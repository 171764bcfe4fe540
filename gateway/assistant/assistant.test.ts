import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MessageType } from '../../schemas/message-type.js';
import type { GivenAssistantSettings } from './assistant-settings.js';
import { type Answer, textOf } from './conversations/conversation.js';
import type { OpenProposal } from './proposals.js';
import { AssistantDesk, KEY } from './testing/assistant-desk.js';
import {
  type Event,
  end,
  error,
  type Script,
  says,
  start,
  stream,
  text,
  use,
  uses,
} from './testing/messages-server.js';

let desk: AssistantDesk;

beforeEach(async () => {
  desk = new AssistantDesk();
});
afterEach(() => desk.close());

const open = (settings: GivenAssistantSettings = {}) => desk.open(settings);

/** One question, and the answer that these scripts make of it. */
async function answered(...scripts: Script[]): Promise<Answer> {
  desk.model.plays(...scripts);
  return (await desk.ask(await desk.chat(), 'What is our vega?')).answer;
}

/** Every use of a tool has its result in the very next message, and no result is without its use. */
function pairsAreWhole(): boolean {
  return desk.model.heard.every(({ body: { messages } }) =>
    messages.every(({ content }, at) => {
      const wanted = content.flatMap(({ type, id }) => (type === 'tool_use' ? [id] : []));
      const next = messages[at + 1]?.content ?? [];
      const given = next.flatMap(({ type, tool_use_id }) => (type === 'tool_result' ? [tool_use_id] : []));
      return JSON.stringify(wanted) === JSON.stringify(given);
    }),
  );
}

describe('an answer', () => {
  it('streams, is kept, and says what it cost', async () => {
    await open();
    const answer = await answered(says('Vega is ', '12', ' kUSD.'));
    expect(answer).toMatchObject({ status: 'done', usage: { input: 100, output: 20, cacheRead: 40, cacheWrite: 10 } });
    expect(textOf(answer)).toBe('Vega is 12 kUSD.');
    expect(answer.usd).toBeCloseTo((100 * 5 + 20 * 25 + 40 * 0.5 + 10 * 6.25) / 1e6, 12);
    const { body } = await desk.call('GET', 'assistant/status');
    expect(body).toMatchObject({ enabled: true, spent: { usd: answer.usd, output: 20 } });
  });

  it('asks as the Messages API wants it, and with nothing else', async () => {
    await open();
    await answered(says('Yes.'));
    const [{ headers, path, body }] = desk.model.heard as [(typeof desk.model.heard)[0]];
    expect(path).toBe('/v1/messages');
    expect(headers.authorization ?? headers['x-api-key']).toContain(KEY);
    expect(headers['anthropic-version']).toBe('2026-10-21');
    expect(Object.keys(body).sort()).toEqual([
      'cache_control',
      'max_tokens',
      'messages',
      'model',
      'stream',
      'system',
      'tools',
    ]);
    expect(body.system).toMatchObject([{ cache_control: { type: 'ephemeral' } }]);
    const names = body.tools.map(({ name }) => name);
    expect(names).toEqual([...names].sort());
    expect(names.filter((name) => /order|limit|arm|resume|hedge|trade/.test(name))).toEqual([]);
    expect(JSON.stringify(body)).not.toContain(KEY);
    const last = body.messages.at(-1)!.content;
    expect(last.map((part) => part.text!.slice(0, 9))).toEqual(['What is o', 'Screen at']);
  });

  it('has the same prefix over ten questions, byte for byte', async () => {
    await open();
    const chat = await desk.chat();
    let parent: string | null = null;
    for (let turn = 0; turn < 10; turn++) {
      desk.model.plays(uses([`t${turn}`, 'get_context', {}]), says(`Answer ${turn}.`));
      parent = (await desk.ask(chat, `Question ${turn}`, parent)).answer.id;
    }
    const prefixes = desk.model.heard.map(({ body: { system, tools } }) =>
      createHash('sha256')
        .update(JSON.stringify([tools, system]))
        .digest('hex'),
    );
    expect(new Set(prefixes).size).toBe(1);
    expect(desk.model.heard.length).toBe(20);
    for (let at = 1; at < desk.model.heard.length; at++) {
      const before = JSON.stringify(desk.model.heard[at - 1]!.body.messages);
      expect(JSON.stringify(desk.model.heard[at]!.body.messages).startsWith(before.slice(0, -1))).toBe(true);
    }
    expect(pairsAreWhole()).toBe(true);
  });

  it('cites results by numbers that count on along the conversation', async () => {
    await open();
    const chat = await desk.chat();
    desk.model.plays(uses(['a', 'engine_state', {}], ['b', 'latency', {}]), says('Fine [#1] [#2].'));
    const first = await desk.ask(chat, 'How is it?');
    desk.model.plays(uses(['c', 'alerts', {}]), says('Fine [#3].'));
    const second = await desk.ask(chat, 'And alerts?', first.answer.id);
    expect(first.answer.rounds[0]!.results.map(({ ref }) => ref)).toEqual([1, 2]);
    expect(second.answer.rounds[0]!.results[0]).toMatchObject({ ref: 3, name: 'alerts', failed: false });
    expect(JSON.parse(second.answer.rounds[0]!.results[0]!.text)).toMatchObject({ ref: 3, pane: 'ALRT' });
  });

  it('is ended by its user, and keeps what has come', async () => {
    await open();
    const chat = await desk.chat();
    desk.model.plays(stream([start(), ...text(['So far']).slice(0, 2)], { stays: true }));
    const { body } = await desk.call('POST', `assistant/chats/${chat}/questions`, { text: 'Long?', parent: null });
    const { id } = (body as { answer: Answer }).answer;
    const news = await desk.call('GET', `assistant/answers/${id}`);
    expect((news.body as { events: unknown[] }).events).toEqual([{ kind: 'text', text: 'So far' }]);
    expect((await desk.call('DELETE', `assistant/answers/${id}`)).body).toEqual({ ended: true });
    expect((await desk.follow(id)).at(-1)).toMatchObject({ kind: 'end', answer: { status: 'aborted' } });
    const answer = (await desk.tree(chat)).messages[1] as Answer;
    expect([textOf(answer), answer.status, answer.usage.input]).toEqual(['So far', 'aborted', 100]);
    desk.model.plays(says('On we go.'));
    expect((await desk.ask(chat, 'And now?', id)).answer.status).toBe('done');
    expect(pairsAreWhole()).toBe(true);
  });
});

const sql = JSON.stringify({ sql: "SELECT 'ä€😀'", reason: 'to see' });
const bytesOf = (word: string): string[] => [...word];

/** Scripts after which an answer is whole: how they run, and what it says. */
const whole: [name: string, scripts: Script[], said: string][] = [
  ['one text', [says('Hello.')], 'Hello.'],
  ['a text in many pieces', [says(...bytesOf('Hello there.'))], 'Hello there.'],
  [
    'bytes one by one, so that characters are split',
    [stream([start(), ...text(['Grüße 😀 €']), ...end('end_turn')], { chunk: 1 })],
    'Grüße 😀 €',
  ],
  [
    'lines that end in CRLF',
    [stream([start(), ...text(['Hello.']), ...end('end_turn')], { lineEnd: '\r\n' })],
    'Hello.',
  ],
  [
    'a stream that stays open behind its end',
    [stream([start(), ...text(['Hello.']), ...end('end_turn')], { stays: true })],
    'Hello.',
  ],
  [
    'a storm of pings',
    [
      stream([
        start(),
        ...Array.from({ length: 500 }, (): Event => ['ping', {}]),
        ...text(['Hello.']),
        ...end('end_turn'),
      ]),
    ],
    'Hello.',
  ],
  [
    'an event that nobody knows',
    [stream([start(), ['weather', { wind: 3 }], ...text(['Hello.']), ...end('end_turn')])],
    'Hello.',
  ],
  [
    'a block that nobody knows',
    [
      stream([
        start(),
        ['content_block_start', { index: 0, content_block: { type: 'hologram' } }],
        ['content_block_stop', { index: 0 }],
        ...text(['Hello.'], 1),
        ...end('end_turn'),
      ]),
    ],
    'Hello.',
  ],
  ['a stop sequence', [stream([start(), ...text(['Hello.']), ...end('stop_sequence')])], 'Hello.'],
  ['a reason to stop that nobody knows', [stream([start(), ...text(['Hello.']), ...end('tea_time')])], 'Hello.'],
  [
    'JSON of a tool split at every byte',
    [stream([start(), ...use('t', 'query_sql', bytesOf(sql)), ...end('tool_use')], { chunk: 7 }), says('Done.')],
    'Done.',
  ],
  ['two tools at once', [uses(['a', 'latency', {}], ['b', 'engine_state', {}]), says('Done.')], 'Done.'],
  [
    'words before a tool',
    [stream([start(), ...text(['Let me see. ']), ...use('t', 'alerts', ['{}'], 1), ...end('tool_use')]), says('Done.')],
    'Let me see. \n\nDone.',
  ],
  ['a tool that there is not', [uses(['t', 'place_order', { amount: 1 }]), says('I cannot.')], 'I cannot.'],
  [
    'a tool without input',
    [stream([start(), ...use('t', 'engine_state', []), ...end('tool_use')]), says('Done.')],
    'Done.',
  ],
  ['input that does not fit', [uses(['t', 'chain_slice', { underlying: 7, extra: true }]), says('Mended.')], 'Mended.'],
  [
    'input that is no JSON',
    [stream([start(), ...use('t', 'query_sql', ['{"sql": ']), ...end('tool_use')]), says('Mended.')],
    'Mended.',
  ],
  [
    'input that is no object',
    [stream([start(), ...use('t', 'query_sql', ['[1]']), ...end('tool_use')]), says('Mended.')],
    'Mended.',
  ],
  ['a pause', [stream([start(), ...text(['First. ']), ...end('pause_turn')]), says('Then.')], 'First. \n\nThen.'],
  [
    'thought before a tool',
    [
      stream([
        start(),
        ['content_block_start', { index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } }],
        ['content_block_delta', { index: 0, delta: { type: 'thinking_delta', thinking: 'hm' } }],
        ['content_block_delta', { index: 0, delta: { type: 'signature_delta', signature: 'sig' } }],
        ['content_block_stop', { index: 0 }],
        ...use('t', 'latency', ['{}'], 1),
        ...end('tool_use'),
      ]),
      says('Done.'),
    ],
    'Done.',
  ],
  [
    'an overloaded host that comes back',
    [error(529, 'overloaded_error', { 'retry-after': '0.01' }), says('Hello.')],
    'Hello.',
  ],
  ['a limited pace that ends', [error(429, 'rate_limit_error', { 'retry-after': '0.01' }), says('Hello.')], 'Hello.'],
];

/** Scripts after which an answer is not whole: what is said of it, and what is kept. */
const broken: [name: string, scripts: Script[], code: string, kept: string, words: RegExp][] = [
  ['a wrong key', [error(401, 'authentication_error')], 'wrong-key', '', /did not take the key/],
  ['no permission', [error(403, 'permission_error')], 'wrong-key', '', /did not take the key/],
  ['a request that is wrong', [error(400, 'invalid_request_error')], 'failed', '', /refused the request \(400\)/],
  ['a request that is too large', [error(413, 'request_too_large')], 'too-long', '', /begin a new one/],
  [
    'a limited pace for long',
    [error(429, 'rate_limit_error', { 'retry-after': '600' })],
    'overloaded',
    '',
    /come back in 600 s/,
  ],
  [
    'a host that stays overloaded',
    Array.from({ length: 3 }, () => error(529, 'overloaded_error', { 'retry-after': '0.01' })),
    'overloaded',
    '',
    /overloaded \(529\)/,
  ],
  [
    'a host that fails',
    Array.from({ length: 3 }, () => error(500, 'api_error', { 'retry-after': '0.01' })),
    'overloaded',
    '',
    /failed \(500\)/,
  ],
  ['a refusal', [stream([start(), ...text(['Bad words']), ...end('refusal')])], 'refused', '', /declines/],
  [
    'the greatest length',
    [stream([start(), ...text(['Long']), ...end('max_tokens')])],
    'max-tokens',
    'Long',
    /greatest length/,
  ],
  [
    'the greatest length within a tool',
    [stream([start(), ...text(['Long']), ...use('t', 'query_sql', ['{"sq'], 1), ...end('max_tokens')])],
    'max-tokens',
    'Long',
    /greatest length/,
  ],
  [
    'a full context',
    [stream([start(), ...text(['Long']), ...end('model_context_window_exceeded')])],
    'too-long',
    'Long',
    /begin a new one/,
  ],
  [
    'an error in the middle',
    [
      stream([
        start(),
        ...text(['Half']).slice(0, 2),
        ['error', { error: { type: 'overloaded_error', message: 'x' } }],
      ]),
    ],
    'overloaded',
    'Half',
    /overloaded/,
  ],
  ['a stream that ends too early', [stream([start(), ...text(['Half']).slice(0, 2)])], 'cut-off', 'Half', /cut off/],
  [
    'a stream cut within an event',
    [
      (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end('event: message_start\ndata: {"type":"mess');
      },
    ],
    'cut-off',
    '',
    /cut off/,
  ],
  [
    'a connection that is reset',
    [stream([start(), ...text(['Half']).slice(0, 2)], { cut: true })],
    'cut-off',
    'Half',
    /cut off/,
  ],
  ['silence', [stream([start(), ...text(['Half']).slice(0, 2)], { stays: true })], 'stalled', 'Half', /nothing came/],
  [
    'tools without end',
    Array.from({ length: 8 }, (_, at) => uses([`t${at}`, 'latency', {}])),
    'too-many-rounds',
    '',
    /8 times/,
  ],
];

describe('after', () => {
  it.each(whole)('%s an answer is whole', async (_name, scripts, said) => {
    await open();
    const answer = await answered(...scripts);
    expect([answer.status, textOf(answer), answer.failure]).toEqual(['done', said, undefined]);
    expect(pairsAreWhole()).toBe(true);
    expect(desk.model.heard.length).toBe(scripts.length);
  });

  it.each(broken)('%s it says what happened, and the chat goes on', async (_name, scripts, code, kept, words) => {
    // Only silence waits for its limit: on a busy machine others could reach it too.
    await open(code === 'stalled' ? { stallMs: 1500 } : {});
    desk.model.plays(...scripts);
    const chat = await desk.chat();
    const { answer } = await desk.ask(chat, 'What is our vega?');
    expect([answer.failure?.code, textOf(answer)]).toEqual([code, kept]);
    expect(answer.failure?.words).toMatch(words);
    expect(answer.failure?.words).not.toContain('words of the other side');
    desk.model.plays(says('Hello again.'));
    const next = await desk.ask(chat, 'Again?', answer.id);
    expect(next.answer.status).toBe('done');
    expect(pairsAreWhole()).toBe(true);
    expect((await desk.call('GET', 'state')).status).toBe(200);
  });

  it('the last tool call every result has reached the model, with its error where it failed', async () => {
    await open();
    desk.sql.failure = 'no table x';
    await answered(uses(['a', 'query_sql', { sql: 'FROM x', reason: 'r' }], ['b', 'nothing', {}]), says('No.'));
    const results = desk.model.heard[1]!.body.messages.at(-1)!.content;
    expect(results.map(({ tool_use_id, is_error }) => [tool_use_id, is_error])).toEqual([
      ['a', true],
      ['b', true],
    ]);
    expect(results[0]!.content).toContain('no table x');
  });
});

describe('without what it needs', () => {
  it('it says that there is no key, and the rest works: templates and SQL', async () => {
    await desk.open({}, '');
    expect((await desk.call('GET', 'assistant/status')).body).toMatchObject({
      enabled: false,
      reason: /ANTHROPIC_API_KEY/ as never,
    });
    const chat = await desk.chat();
    const { status, body } = await desk.call('POST', `assistant/chats/${chat}/questions`, {
      text: 'Hello?',
      parent: null,
    });
    expect([status, (body as { code: string }).code]).toEqual([503, 'disabled']);
    expect((await desk.tree(chat)).messages).toEqual([]);
    for (const name of ['morning-note', 'explain-profit', 'skew-changes', 'why-filled']) {
      const template = await desk.call('POST', `assistant/templates/${name}`);
      expect(template.status).toBe(200);
      expect((template.body as { parts: { rows: unknown }[] }).parts.every(({ rows }) => Array.isArray(rows))).toBe(
        true,
      );
    }
    expect((await desk.call('POST', 'assistant/sql', { sql: 'SELECT 1' })).body).toMatchObject({ rows: [[1]] });
  });

  it('over budget it asks nobody', async () => {
    await open({ usdPerUserAndDay: 0.0001 });
    const chat = await desk.chat();
    desk.model.plays(says('Dear.'));
    const { answer } = await desk.ask(chat, 'One?');
    const { status, body } = await desk.call('POST', `assistant/chats/${chat}/questions`, {
      text: 'Two?',
      parent: answer.id,
    });
    expect([status, (body as { code: string }).code]).toEqual([429, 'over-budget']);
    expect(desk.model.heard.length).toBe(1);
  });

  it('an answer that has taken its tokens asks no further', async () => {
    await open({ tokensPerAnswer: 100 });
    expect((await answered(uses(['t', 'latency', {}]), says('never'))).failure?.code).toBe('over-budget');
    expect(desk.model.heard.length).toBe(1);
  });

  it('offline it says so', async () => {
    await desk.open({ baseUrl: 'http://127.0.0.1:9', answerMs: 1000 });
    const { answer } = await desk.ask(await desk.chat(), 'Anybody?');
    expect(answer.failure?.code).toBe('offline');
  });

  it('positions that must not leave the host have no tool', async () => {
    await open({ positionsLeaveHost: false });
    await answered(says('Yes.'));
    const names = desk.model.heard[0]!.body.tools.map(({ name }) => name);
    expect(names.filter((name) => /position|sql|fills|why|recent|scenario/.test(name))).toEqual([]);
    expect(names).toContain('surface');
  });
});

describe('a proposal', () => {
  const pause = uses(['p', 'propose_command', { command: 'pause', reason: 'the feed is stale' }]);

  async function proposed(): Promise<{ chat: string; proposal: OpenProposal }> {
    desk.model.plays(pause, says('See the card.'));
    const chat = await desk.chat();
    await desk.ask(chat, 'Shall we pause?');
    const { proposals } = await desk.tree(chat);
    expect(proposals.length).toBe(1);
    return { chat, proposal: proposals[0]! };
  }

  it('does nothing by itself, and what it says once it is confirmed', async () => {
    await open();
    const { proposal } = await proposed();
    expect(desk.desk.commandTypes()).toEqual([]);
    const path = `assistant/proposals/${proposal.nonce}`;
    const { status } = await desk.call('POST', path, { hash: proposal.card.hash });
    expect(status).toBe(202);
    expect(desk.desk.commandTypes()).toEqual([MessageType.OPERATOR_COMMAND]);
    expect((await desk.call('POST', path, { hash: proposal.card.hash })).status).toBe(410);
    expect(desk.desk.commandTypes()).toEqual([]);
  });

  it('is bound to what was shown: another hash uses the nonce up and does nothing', async () => {
    await open();
    const { proposal } = await proposed();
    const path = `assistant/proposals/${proposal.nonce}`;
    expect((await desk.call('POST', path, { hash: '0'.repeat(64) })).status).toBe(410);
    expect((await desk.call('POST', path, { hash: proposal.card.hash })).status).toBe(410);
    expect(desk.desk.commandTypes()).toEqual([]);
  });

  it("is its user's alone, and has no more rights than they have", async () => {
    await open();
    const { users } = desk.desk.gateway;
    users.put('vera', 'viewer');
    const vera = users.addToken('vera', 'page', ['read', 'quoting'], null);
    const { proposal } = await proposed();
    const by = (token: string, one: OpenProposal) =>
      desk.call('POST', `assistant/proposals/${one.nonce}`, { hash: one.card.hash }, token);
    expect((await by(vera, proposal)).status).toBe(410);
    desk.model.plays(pause, says('See the card.'));
    const chat = (await desk.call('POST', 'assistant/chats', {}, vera)).body as { id: string };
    const asked = await desk.call(
      'POST',
      `assistant/chats/${chat.id}/questions`,
      { text: 'Pause?', parent: null },
      vera,
    );
    const { id } = (asked.body as { answer: Answer }).answer;
    let own: OpenProposal | undefined;
    while (own === undefined) {
      const tree = await desk.call('GET', `assistant/chats/${chat.id}`, undefined, vera);
      own = (tree.body as { proposals: OpenProposal[] }).proposals[0];
    }
    expect((await by(vera, own)).status).toBe(403);
    expect((await desk.call('GET', `assistant/answers/${id}`)).body).toEqual({ next: null, events: [] });
    expect(desk.desk.commandTypes()).toEqual([]);
  });

  it('never shows its nonce to the model', async () => {
    await open();
    const { proposal } = await proposed();
    for (const { text: sent } of desk.model.heard) expect(sent).not.toContain(proposal.nonce);
  });

  it.each([
    ['narrower quotes', 'propose_strategy', { action: 'width', value: 0.5, reason: 'r' }],
    ['larger quotes', 'propose_strategy', { action: 'size', value: 2, reason: 'r' }],
    ['resuming', 'propose_command', { command: 'resume', reason: 'r' }],
    ['a kill by the command line', 'propose_dashboard', { pages: ['KILL'], reason: 'r' }],
    ['two lines in one', 'propose_dashboard', { pages: ['BTC OMON\nKILL'], reason: 'r' }],
    ['no rule', 'propose_alert', { rule: 'buy everything', reason: 'r' }],
    ['an instrument that there is not', 'propose_command', { command: 'pause', instrument: 12_345, reason: 'r' }],
  ])('cannot be: %s', async (_name, tool, input) => {
    await open();
    const answer = await answered(uses(['p', tool, input]), says('No.'));
    expect([answer.cards, answer.rounds[0]!.results[0]!.failed]).toEqual([[], true]);
  });
});

describe('conversations', () => {
  it('branch, are paged, named, found, exported, shared and deleted', async () => {
    await open();
    const chat = await desk.chat();
    desk.model.plays(says('One.'), says('Other one.'), says('Two.'));
    const first = await desk.ask(chat, 'First?');
    const again = await desk.call('POST', `assistant/chats/${chat}/answers`, { question: first.question.id });
    const other = (again.body as { answer: Answer }).answer;
    await desk.follow(other.id);
    await desk.ask(chat, 'Second?', first.answer.id);
    const { messages } = await desk.tree(chat);
    expect(messages.map(({ parent }) => parent)).toEqual([
      null,
      first.question.id,
      first.question.id,
      first.answer.id,
      messages[3]!.id,
    ]);
    const shown = await desk.call('PUT', `assistant/chats/${chat}`, { show: other.id, title: 'Vega' });
    expect(shown.body).toMatchObject({ leaf: other.id, title: 'Vega' });
    expect((await desk.call('GET', 'assistant/chats?words=other')).body).toMatchObject({ chats: [{ id: chat }] });
    expect((await desk.call('GET', 'assistant/chats?words=second')).body).toMatchObject({ chats: [] });
    expect((await desk.call('POST', `assistant/chats/${chat}/export`, {})).body).toContain('Other one.');
    const { link } = (await desk.call('POST', `assistant/chats/${chat}/share`, {})).body as { link: string };
    expect((await desk.call('GET', `assistant/shared/${link}`)).body).toMatchObject({
      title: 'Vega',
      messages: { length: 2 },
    });
    await desk.call('DELETE', `assistant/chats/${chat}`);
    expect((await desk.call('GET', `assistant/shared/${link}`)).body).toMatchObject({ id: null, messages: [] });
    expect((await desk.call('GET', `assistant/chats/${chat}`)).body).toMatchObject({ chat: null, messages: [] });
  });
});
