import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../testing/free-port.js';
import type { Finding } from './checks.js';
import { preflight } from './preflight.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'volfilter-preflight-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function findings(run: object, environment: NodeJS.ProcessEnv = {}): Promise<Map<string, Finding>> {
  const file = join(folder, 'volfilter.json');
  const folders = Object.fromEntries(
    ['journal', 'gateway', 'alerts', 'log'].map((key) => [key, join(folder, 'new', key)]),
  );
  writeFileSync(file, JSON.stringify({ run: { ...folders, ...run } }));
  const found = await preflight({ VOLFILTER_CONFIG: file, ...environment });
  return new Map(found.map((finding) => [finding.name, finding]));
}

describe('the look before a start', () => {
  it('finds nothing wrong where nothing is, and leaves nothing behind', async () => {
    const found = await findings({ port: await freePort() });
    // How much room there is, is the machine's affair.
    const bad = [...found.values()].filter(({ name, verdict }) => verdict === 'bad' && !name.startsWith('room'));
    expect(bad).toEqual([]);
    expect(found.get('folder of journal')!.found).toMatch(/new.journal, to be made$/);
    expect(readdirSync(folder)).toEqual(['volfilter.json']);
  });

  it('says what the configuration lacks before anything else', async () => {
    const found = await findings({ prot: 1 });
    expect([...found.keys()]).toEqual(['configuration']);
    expect(found.get('configuration')).toMatchObject({ verdict: 'bad', found: expect.stringContaining("'port'") });
  });

  it('says that a port is taken', async () => {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as { port: number };
    const found = await findings({ port });
    await new Promise((closed) => server.close(closed));
    expect(found.get('port')).toMatchObject({ verdict: 'bad', found: `${port}: EADDRINUSE` });
  });

  it('refuses a folder that is a file', async () => {
    writeFileSync(join(folder, 'file'), '');
    expect((await findings({ port: await freePort(), log: join(folder, 'file') })).get('folder of log')!.verdict).toBe(
      'bad',
    );
  });

  it('looks at the keys of live trading, and at who may read them', async () => {
    const keys = join(folder, 'keys.json');
    const live = { port: await freePort(), mode: 'live' };
    expect((await findings(live)).get('keys for live trading')!.verdict).toBe('bad');
    writeFileSync(keys, '{}', { mode: 0o600 });
    expect((await findings({ ...live, keys })).get('keys for live trading')!.verdict).toBe('good');
    chmodSync(keys, 0o644);
    expect((await findings({ ...live, keys })).get('keys for live trading')!.found).toContain('0644');
  });
});
