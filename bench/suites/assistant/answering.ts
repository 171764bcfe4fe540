/**
 * What answers cost the quotes: the engine on its simulated venue, by turns left alone and while the assistant answers one question after the other, each
 * with the heaviest questions to the SQL store that it may put. The core's counters are read before and after each stretch.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessagesServer, says, uses } from '../../../gateway/assistant/testing/messages-server.js';
import type { BenchResult, BenchSuite } from '../../report.js';
import { type Connection, startEngine, type Waits, waits } from '../gateway/running-engine.js';

const PORT = 18_791;
const ROUNDS = Number(process.env.VOLFILTER_BENCH_ROUNDS ?? 3);
const SECONDS = Number(process.env.VOLFILTER_BENCH_SECONDS ?? 10);
const SETTLE_MS = 2000;
const USES = 6;
/** Pairs without end: it is stopped when its time is over. */
const HEAVY = 'SELECT sum(sqrt(a.range * b.range)) AS s FROM range(200000) a, range(200000) b';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Questions and uses of the store, while somebody asks. */
class Asker {
  answers = 0;
  asked = 0;
  private readonly model: MessagesServer;
  private readonly connection: Connection;

  constructor(model: MessagesServer, connection: Connection) {
    this.model = model;
    this.connection = connection;
  }

  /** Asks again and again, until so many seconds are over. */
  async ask(seconds: number): Promise<void> {
    const end = performance.now() + seconds * 1000;
    while (performance.now() < end) {
      this.model.plays(
        ...Array.from({ length: USES }, (_, at) => {
          const script = uses([`use_${at}`, 'query_sql', { sql: HEAVY, reason: 'load' }]);
          return ((response, request) => {
            this.asked++;
            // Nobody waits for more of them than the stretch is long.
            return (performance.now() < end ? script : says('Done.'))(response, request);
          }) satisfies typeof script;
        }),
        says('Done.'),
      );
      const { id } = await this.call('POST', 'chats', {});
      const { answer } = await this.call('POST', `chats/${id}/questions`, { text: 'How much is it?', parent: null });
      for (let after = 0, over = false; !over; ) {
        const { next, events } = await this.call('GET', `answers/${answer?.id}?after=${after}`);
        after = next ?? 0;
        over = events?.at(-1)?.kind === 'end';
      }
      this.answers++;
      this.model.forget();
    }
  }

  private async call(
    method: string,
    path: string,
    body?: object,
  ): Promise<{ id?: string; answer?: { id: string }; next?: number; events?: { kind: string }[] }> {
    const response = await fetch(`${this.connection.url}/api/v1/assistant/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.connection.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`expected an answer to ${method} ${path}, found ${response.status}`);
    return (await response.json()) as Awaited<ReturnType<Asker['call']>>;
  }
}

export const suite: BenchSuite = async (progress) => {
  const folder = mkdtempSync(join(tmpdir(), 'answering-'));
  const model = new MessagesServer();
  const baseUrl = await model.listen();
  progress('starting the engine');
  const { engine, connection } = await startEngine(folder, PORT, [], {
    ANTHROPIC_API_KEY: 'sk-ant-loopback',
    ANTHROPIC_BASE_URL: baseUrl,
  });
  const asker = new Asker(model, connection);
  const counted: Record<'answering' | 'alone', Waits> = {
    answering: { full: 0, gated: 0 },
    alone: { full: 0, gated: 0 },
  };
  try {
    await pause(SETTLE_MS);
    for (let round = 0; round < ROUNDS; round++) {
      for (const kind of round % 2 === 0 ? (['alone', 'answering'] as const) : (['answering', 'alone'] as const)) {
        progress(`round ${round + 1} of ${ROUNDS}, ${kind}`);
        const before = await waits(connection);
        await (kind === 'answering' ? asker.ask(SECONDS) : pause(SECONDS * 1000));
        const after = await waits(connection);
        counted[kind].full += after.full - before.full;
        counted[kind].gated += after.gated - before.gated;
      }
    }
  } finally {
    const ended = new Promise((resolve) => engine.once('exit', resolve));
    engine.kill('SIGTERM');
    await ended;
    await model.close();
    rmSync(folder, { recursive: true, force: true });
  }
  const { answering, alone } = counted;
  const results: BenchResult[] = [
    {
      name: 'waits of the core while the assistant answers',
      unit: 'times',
      value: answering.full + answering.gated,
      peer: 'left alone',
      peerValue: alone.full + alone.gated,
      note: `aim: unchanged; full ${answering.full} and ${alone.full}, gated ${answering.gated} and ${alone.gated}; ${asker.answers} answers with ${asker.asked} heavy questions to the store in ${ROUNDS} rounds of ${SECONDS} s`,
    },
  ];
  return results;
};
