import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { JournalReader } from '../../journal/reader.js';
import { runsOf } from '../../journal/runs.js';
import { openStore } from '../../journal/store.js';
import { built } from '../../testing/built.js';
import { freePort } from '../../testing/free-port.js';
import { confirmationOf } from './run-mode.js';

const SECRETS = ['planted-execution-9vQz', 'planted-killer-7kLm'];
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Run {
  said: () => string;
  ended: Promise<number | null>;
  stop: () => void;
}

function volfilter(words: readonly string[], typed = ''): Run {
  const child = spawn(process.execPath, [built('engine/cli/main'), ...words], { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()));
  child.stdin.end(typed);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { said: () => said, ended, stop: () => child.kill('SIGTERM') };
}

async function until<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 600; tries++) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('waited a minute in vain');
}

function filesIn(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesIn(path) : [path];
  });
}

it('the secrets of live keys stand in nothing that a run writes, shows or says', { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'volfilter-secret-'));
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
  const written = join(folder, 'written');
  const venueKeys = join(folder, 'venue-keys.json');
  const [execution, killer] = SECRETS.map((clientSecret, place) => ({ clientId: `key-${place}`, clientSecret }));
  const ofAccount = [execution, killer].map((key) => ({ ...key, account: 'desk' }));
  writeFileSync(venueKeys, JSON.stringify(ofAccount), { mode: 0o600 });
  const keys = join(folder, 'keys.json');
  writeFileSync(keys, JSON.stringify({ execution, killer }), { mode: 0o600 });

  const venue = volfilter(['venue', '--port', '0', '--strikes', '2', '--keys', venueKeys]);
  cleanUps.push(() => venue.stop());
  const url = await until(() => /ws:\/\/127\.0\.0\.1:\d+\/ws\/api\/v2/.exec(venue.said())?.[0]);
  const port = await freePort();
  const run = volfilter(
    [
      'run',
      '--mode',
      'live',
      '--live',
      '--url',
      url,
      '--keys',
      keys,
      '--port',
      String(port),
      '--journal',
      join(written, 'journal'),
      '--gateway',
      join(written, 'gateway'),
      '--alerts',
      join(written, 'alerts'),
      '--latency-log',
      join(folder, 'latencies'),
      '--telemetry-json',
      join(folder, 'telemetry'),
    ],
    `${confirmationOf(url)}\n`,
  );
  cleanUps.push(() => run.stop());
  // Signed on and following: what is going to be written is being written.
  const state = await until(async () => {
    if (!/feed +1 up/.test(run.said())) return undefined;
    return fetch(`http://127.0.0.1:${port}/api/v1/state`).then(
      (answer) => answer.text(),
      () => undefined,
    );
  });
  run.stop();
  expect(await run.ended).toBe(0);

  const places = new Map<string, Buffer>([
    ['what was said', Buffer.from(run.said())],
    ['the state of the gateway', Buffer.from(state)],
    ...['latencies', 'telemetry'].map((name) => [name, readFileSync(join(folder, name))] as const),
    ...filesIn(written).map((path) => [path, readFileSync(path)] as const),
  ]);
  // The journal's file may be compressed: its records too.
  const reader = new JournalReader(join(written, 'journal'));
  let blocks = 0;
  for (const block of reader.blocks()) places.set(`block ${blocks++}`, Buffer.from(block));
  await reader.close();
  const store = openStore(join(written, 'journal'), false);
  places.set('the starts', Buffer.from(JSON.stringify(runsOf(store))));
  await store.env.close();
  expect(blocks).toBeGreaterThan(0);
  for (const [place, bytes] of places) {
    for (const secret of SECRETS) {
      for (const form of [
        secret,
        Buffer.from(secret).toString('base64').replace(/=+$/, ''),
        Buffer.from(secret).toString('hex'),
      ]) {
        expect(bytes.includes(form), `${form} in ${place}`).toBe(false);
      }
    }
  }
});
