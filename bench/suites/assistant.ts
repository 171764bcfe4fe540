import { AssistantDesk } from '../../gateway/assistant/testing/assistant-desk.js';
import { end, says, sse, start, text } from '../../gateway/assistant/testing/messages-server.js';
import type { BenchResult, BenchSuite } from '../report.js';

const QUESTIONS = 40;
/** Words of an answer as long as the page is held to. */
const WORDS = 20_000;
const LONG_ANSWERS = 3;

function quantiles(times: number[]): { p50: number; p99: number; max: number } {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  return { p50: at(0.5), p99: at(0.99), max: sorted.at(-1)! };
}

/** One question: milliseconds until the model heard it, and from the model's first word until the page had it. */
async function ask(desk: AssistantDesk): Promise<{ out: number; back: number }> {
  let heard = 0;
  let said = 0;
  desk.model.plays((response) => {
    heard = performance.now();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(sse(start()));
    said = performance.now();
    response.end([...text(['Forty-two.']), ...end('end_turn')].map((event) => sse(event)).join(''));
  });
  const chat = await desk.chat();
  const asked = performance.now();
  const { body } = await desk.call('POST', `assistant/chats/${chat}/questions`, { text: 'What is it?', parent: null });
  const { answer } = body as { answer: { id: string } };
  for (let after = 0; ; ) {
    const news = (await desk.call('GET', `assistant/answers/${answer.id}?after=${after}`)).body as {
      next: number;
      events: { kind: string }[];
    };
    const now = performance.now();
    if (news.events.some(({ kind }) => kind === 'text')) {
      if (news.events.at(-1)?.kind !== 'end') await desk.follow(answer.id);
      return { out: heard - asked, back: now - said };
    }
    if (news.events.at(-1)?.kind === 'end') throw new Error('expected an answer, found an end without a word');
    after = news.next;
  }
}

/** From a question to its first word by a model on the loopback interface: what the gateway itself takes. And a long answer through it. */
export const suite: BenchSuite = async (progress) => {
  const desk = new AssistantDesk();
  await desk.open({ usdPerUserAndDay: 1e6, usdPerDay: 1e6, answerMs: 120_000 });
  try {
    progress('the first question');
    const first = await ask(desk);
    progress('questions');
    const times: { out: number; back: number }[] = [];
    for (let question = 0; question < QUESTIONS; question++) times.push(await ask(desk));
    progress('long answers');
    const rates: number[] = [];
    for (let answer = 0; answer < LONG_ANSWERS; answer++) {
      desk.model.plays(says(...Array.from({ length: WORDS }, (_, at) => `word${at} `)));
      const began = performance.now();
      await desk.ask(await desk.chat(), 'At length, please.');
      rates.push(WORDS / ((performance.now() - began) / 1000));
    }
    const results: BenchResult[] = [
      {
        name: 'question to first word',
        unit: 'ms',
        ...quantiles(times.map(({ out, back }) => out + back)),
        note: "aim: 60 ms of the gateway's own; client, gateway and model in one process, the model's own time left out",
      },
      { name: 'question to the model', unit: 'ms', ...quantiles(times.map(({ out }) => out)) },
      { name: 'first word to the client', unit: 'ms', ...quantiles(times.map(({ back }) => back)) },
      {
        name: 'the very first question',
        unit: 'ms',
        value: first.out + first.back,
        note: 'loads the SDK and opens the store of chats',
      },
      {
        name: `answer of ${WORDS} words, one a message`,
        unit: 'words/s',
        value: Math.max(...rates),
        note: 'through the SDK and the gateway to a client, kept in the store at the end',
      },
    ];
    return results;
  } finally {
    await desk.close();
  }
};
