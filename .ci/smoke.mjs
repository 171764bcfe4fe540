// Starts the program as a user does, ends it in every way that a user has, and looks for what it left behind.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { env, execPath, exit, kill, pid } from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const SHARED_MEMORY = '/dev/shm';
const STARTED_WITHIN_MS = 60_000;
const ENDED_WITHIN_MS = 2_000;
/** Long enough after its first output that every thread and process of the program is up. */
const SETTLED_MS = 1_500;

const program = [execPath, join(root, 'dist', 'engine', 'cli', 'main.js'), 'run'];
const underTerminal = ['script', '--quiet', '--return', '--flush', '--command', 'npm start', '/dev/null'];

/** @typedef {import('node:child_process').ChildProcessWithoutNullStreams} Child */
/**
 * `dies`: it has no chance to clean up; what it leaves is the next start's to find.
 * @typedef {{ command: string[], end: (child: Child) => void, dies?: boolean }} Way
 */
/** @type {Record<string, Way>} */
const ways = {
  'npm start on a terminal, ended by q': { command: underTerminal, end: (child) => child.stdin.write('q') },
  'npm start on a terminal, ended by Ctrl-C': { command: underTerminal, end: (child) => child.stdin.write('\x03') },
  'npm start without a terminal, ended by SIGTERM': {
    command: ['npm', 'start'],
    end: (child) => child.kill('SIGTERM'),
  },
  'the program without a terminal, ended by SIGTERM': { command: program, end: (child) => child.kill('SIGTERM') },
  'the program without a terminal, ended by SIGINT': { command: program, end: (child) => child.kill('SIGINT') },
  'the program, killed: its processes follow it': {
    command: program,
    end: (child) => child.kill('SIGKILL'),
    dies: true,
  },
  'the program for two seconds, after one was killed': { command: [...program, '--seconds', '2'], end: () => {} },
};

/** Processes that carry the mark in their environment, which children inherit. @param {string} mark */
function processesMarked(mark) {
  return readdirSync('/proc').filter((entry) => {
    if (!/^\d+$/.test(entry) || Number(entry) === pid) return false;
    try {
      return readFileSync(`/proc/${entry}/environ`, 'utf8').includes(mark);
    } catch {
      // Gone meanwhile, or another user's.
      return false;
    }
  });
}

/** Folders of engines in shared memory, named volfilter-RUN-PID-..., whose engine does not run any more. */
function orphanedFolders() {
  const names = existsSync(SHARED_MEMORY) ? readdirSync(SHARED_MEMORY) : [];
  return names.filter((name) => {
    const owner = /^volfilter-\d+-(\d+)-/.exec(name)?.[1];
    return owner !== undefined && !existsSync(`/proc/${owner}`);
  });
}

/** Resolves when the condition holds or the time is over; says which. @param {() => boolean} condition @param {number} milliseconds */
async function within(milliseconds, condition) {
  for (const until = performance.now() + milliseconds; performance.now() < until; await wait(20)) {
    if (condition()) return true;
  }
  return condition();
}

/**
 * Starts the program, ends it, and says what went wrong.
 * @param {Way} way
 */
async function complaints({ command: [file = '', ...args], end, dies = false }) {
  const mark = `VOLFILTER_SMOKE=${randomUUID()}`;
  const child = spawn(file, args, {
    cwd: root,
    env: { ...env, TERM: 'xterm', ...Object.fromEntries([mark.split('=')]) },
  });
  let output = '';
  let errors = '';
  /** @type {{ code: number | null, signal: string | null } | undefined} */
  let ended;
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (errors += chunk));
  child.stdin.on('error', () => {});
  child.on('error', (error) => (errors += error.message));
  child.on('close', (code, signal) => (ended = { code, signal }));

  /** @type {string[]} */
  const wrong = [];
  if (await within(STARTED_WITHIN_MS, () => ended !== undefined || /\b[uµ]s\b/.test(output))) await wait(SETTLED_MS);
  else wrong.push(`it showed no latency within ${STARTED_WITHIN_MS / 1000} s`);
  end(child);
  const gone = () => ended !== undefined && processesMarked(mark).length === 0;
  if (!(await within(ENDED_WITHIN_MS, gone))) wrong.push(`it ran on for more than ${ENDED_WITHIN_MS / 1000} s`);
  if (!dies && ended !== undefined && ended.code !== 0)
    wrong.push(`it ended with ${ended.signal ?? `code ${ended.code}`}`);

  const left = processesMarked(mark);
  if (left.length > 0) wrong.push(`it left processes behind: ${left.join(', ')}`);
  for (const process of left) kill(Number(process), 'SIGKILL');
  const files = orphanedFolders().filter((name) => !thereBefore.has(name));
  if (!dies && files.length > 0) wrong.push(`it left files in ${SHARED_MEMORY}: ${files.join(', ')}`);
  if (wrong.length > 0) wrong.push(...`${output}\n${errors}`.trim().split('\n').slice(-20));
  return wrong;
}

const thereBefore = new Set(orphanedFolders());
let failed = false;
for (const [name, way] of Object.entries(ways)) {
  const wrong = await complaints(way);
  console.log(`${wrong.length === 0 ? 'ok  ' : 'FAIL'} ${name}`);
  for (const line of wrong) console.log(`       ${line}`);
  failed ||= wrong.length > 0;
}
exit(failed ? 1 : 0);
