import WebSocket from 'ws';
import { AssistantDesk } from '../../../gateway/assistant/testing/assistant-desk.js';
import { end, says, sse, start, text } from '../../../gateway/assistant/testing/messages-server.js';
import { TOKEN } from '../../../gateway/testing/gateway-desk.js';
import { SOCKET_PATH, SUBPROTOCOL } from '../../../gateway/transport/transport.js';
import type { BenchResult, BenchSuite } from '../../report.js';

const QUESTIONS = 40;
/** Words of an answer as long as the page is held to. */
const WORDS = 20_000;
const LONG_ANSWERS = 3;
/** Longer than the gateway waits before it loads the assistant, and than that takes. */
const WARM_MS = 6000;

function quantiles(times: number[]): { p50: number; p99: number; max: number } {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  return { p50: at(0.5), p99: at(0.99), max: sorted.at(-1)! };
}

/** A screen's socket, which is told what comes of answers. */
async function openScreen(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${SOCKET_PATH}`, SUBPROTOCOL);
  await new Promise((resolve) => socket.once('open', resolve));
  const greeted = new Promise((resolve) => socket.once('message', resolve));
  socket.send(JSON.stringify({ type: 'hello', token: TOKEN }));
  await greeted;
  return socket;
}

/** One question: milliseconds until the model heard it, and from the model's first word until the screen had it. */
async function ask(desk: AssistantDesk, screen: WebSocket): Promise<{ out: number; back: number }> {
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
  return new Promise((resolve, reject) => {
    let first = 0;
    const onMessage = (data: Buffer): void => {
      const news = JSON.parse(data.toString()) as { type: string; answer: string; events: { kind: string }[] };
      if (news.type !== 'answer' || news.answer !== answer.id) return;
      if (first === 0 && news.events.some(({ kind }) => kind === 'text')) first = performance.now();
      if (news.events.at(-1)?.kind !== 'end') return;
      screen.off('message', onMessage);
      if (first === 0) reject(new Error('expected an answer, found an end without a word'));
      else resolve({ out: heard - asked, back: first - said });
    };
    screen.on('message', onMessage);
    screen.send(JSON.stringify({ type: 'follow', id: 1, answer: answer.id, after: 0 }));
  });
}

/** From a question to its first word by a model on the loopback interface: what the gateway itself takes. And a long answer through it. */
export const suite: BenchSuite = async (progress) => {
  const desk = new AssistantDesk();
  await desk.open({ usdPerUserAndDay: 1e6, usdPerDay: 1e6, answerMs: 120_000 });
  const screen = await openScreen(desk.desk.port);
  try {
    // As after a start with a key: the gateway loads the assistant a moment later.
    await new Promise((resolve) => setTimeout(resolve, WARM_MS));
    progress('the first question');
    const first = await ask(desk, screen);
    progress('questions');
    const times: { out: number; back: number }[] = [];
    for (let question = 0; question < QUESTIONS; question++) times.push(await ask(desk, screen));
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
        note: `${WARM_MS / 1000} s after the start; what the first use alone compiles and connects is in it`,
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
    screen.terminate();
    await desk.close();
  }
};
