import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { RefusedStatement } from './guard.js';
import { type Manifest, readManifest } from './manifest.js';
import { DEFAULT_LIMITS, type Limits, type ResultColumn } from './read-session.js';
import type { Question, ReaderMessage } from './reader-process.js';

/** A whole answer. */
export interface Answer {
  columns: ResultColumn[];
  /** Cells as JSON can hold them; 64-bit numbers, times and decimals as text. */
  rows: unknown[][];
  /** Whether there were more rows than may be given. */
  cut: boolean;
}

/** A reader that does not end by itself by then, after its time, is killed. */
const GRACE_MS = 2000;
/** What a reader may weigh beside the memory of its database: the runtime, and rows on their way. */
const OWN_MEGABYTES = 768;
const LOOK_MS = 100;
/** Readers at the same time; the others wait. */
const MOST_READERS = 2;
const WAITING = 64;

const waiting: (() => void)[] = [];
let running = 0;

/**
 * Answers a question of the store in a process of its own, which is killed when it takes more time or memory than it may. At most two
 * run at once, the others wait their turn.
 * @throws RefusedStatement where the statement is no question, is wrong, or costs too much
 */
export async function askStore(store: string, sql: string, limits: Partial<Limits> = {}): Promise<Answer> {
  await turn();
  try {
    const manifest = readManifest(store);
    if (manifest === undefined)
      throw new RefusedStatement(`there is no store in '${store}': volfilter store writes it from the journal`);
    // The process stands in another folder.
    return await run({
      store: resolve(store),
      manifest: lean(manifest),
      sql,
      limits: { ...DEFAULT_LIMITS, ...limits },
    });
  } finally {
    running--;
    waiting.shift()?.();
  }
}

async function turn(): Promise<void> {
  if (running >= MOST_READERS) {
    if (waiting.length >= WAITING)
      throw new RefusedStatement(`${WAITING} questions wait already: ask again when some of them are answered`);
    await new Promise<void>((resolve) => waiting.push(resolve));
  }
  running++;
}

/** Without what a reader need not know. */
function lean(manifest: Manifest): Manifest {
  return { ...manifest, replaced: [], notes: [], journal: '' };
}

function run(question: Question): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = fork(new URL('./reader-process.js', import.meta.url), [], {
      cwd: '/',
      env: {},
      execArgv: ['--max-old-space-size=512', '--no-warnings'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
    });
    const answer: Answer = { columns: [], rows: [], cut: false };
    let failure: string | undefined;
    let ended = false;
    const kill = (why: string): void => {
      failure = why;
      child.kill('SIGKILL');
    };
    const { seconds, memoryMegabytes } = question.limits;
    const late = setTimeout(() => kill(`no answer within ${seconds} s: ask for less`), seconds * 1000 + GRACE_MS);
    const look = setInterval(() => {
      if (residentMegabytes(child) > memoryMegabytes + OWN_MEGABYTES)
        kill(`the answer takes more memory than ${memoryMegabytes} MB: ask for less`);
    }, LOOK_MS);
    child.on('message', (message: ReaderMessage) => {
      if ('columns' in message) answer.columns = message.columns;
      else if ('rows' in message) for (const row of message.rows) answer.rows.push(row);
      else if ('end' in message) {
        answer.cut = message.end.cut;
        ended = true;
      } else failure ??= message.error;
    });
    child.on('error', (error) => {
      failure ??= error.message;
    });
    child.on('close', (code, signal) => {
      clearTimeout(late);
      clearInterval(look);
      if (failure !== undefined) reject(new RefusedStatement(failure));
      else if (ended) resolve(answer);
      else reject(new RefusedStatement(`the reader ended without an answer (${signal ?? `exit code ${code}`})`));
    });
    child.send(question);
  });
}

/** Memory of a process, 0 where it cannot be seen. */
function residentMegabytes({ pid }: ChildProcess): number {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    return (pages * 4096) / 1e6;
  } catch {
    return 0;
  }
}
