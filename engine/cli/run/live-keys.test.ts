import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { liveKeys } from './live-keys.js';
import { confirmationOf, type ModeOptions, openMode } from './run-mode.js';
import { TEST_NETWORK } from './test-network.js';

const SECRET = 'planted-Zx81-secret';
const KEYS = {
  execution: { clientId: 'trader', clientSecret: SECRET },
  killer: { clientId: 'killer', clientSecret: `${SECRET}-2` },
};

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'volfilter-keys-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function file(text: string, mode = 0o600): string {
  const path = join(folder, 'keys.json');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

/** What it was refused with; empty where it was not. */
function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return String((error as Error).message);
  }
  return '';
}

describe('keys for live trading', () => {
  it('are those of a file that its owner alone may read', () => {
    expect(liveKeys(file(JSON.stringify(KEYS)), {})).toEqual(KEYS);
    expect(liveKeys(file(JSON.stringify(KEYS), 0o400), {})).toEqual(KEYS);
  });

  it.each([0o644, 0o640, 0o604, 0o660, 0o601])(
    'are refused with path and mode where others may come near: %o',
    (mode) => {
      const path = file(JSON.stringify(KEYS), mode);
      const said = refusal(() => liveKeys(path, {}));
      expect(said).toContain(path);
      expect(said).toContain(mode.toString(8).padStart(4, '0'));
      expect(said).toContain('0600');
    },
  );

  it('are refused where the file is a link, a folder, or not there', () => {
    const path = file(JSON.stringify(KEYS));
    const link = join(folder, 'link');
    symlinkSync(path, link);
    expect(refusal(() => liveKeys(link, {}))).toMatch(/symbolic link/);
    expect(refusal(() => liveKeys(folder, {}))).toMatch(/expected a file/);
    expect(refusal(() => liveKeys(join(folder, 'none'), {}))).toMatch(/ENOENT/);
  });

  it.each([
    `{"execution": {"clientSecret": "${SECRET}"}}`,
    `{"execution": "${SECRET}", "killer": ["${SECRET}"]}`,
    `{"${SECRET}": 1}`,
    `${SECRET} no JSON`,
    `{"execution": {"clientId": "a", "clientSecret": "${SECRET}", "${SECRET}": 1}, "killer": {"clientId": "b", "clientSecret": "c"}}`,
  ])('that are malformed are refused without a part of them in what is said (%#)', (text) => {
    const said = refusal(() => liveKeys(file(text), {}));
    expect(said).not.toBe('');
    expect(said).not.toContain(SECRET);
  });

  it('come from the environment otherwise, and what is not set there is named', () => {
    const environment = {
      VOLFILTER_DERIBIT_ID: 'trader',
      VOLFILTER_DERIBIT_SECRET: SECRET,
      VOLFILTER_DERIBIT_KILL_ID: 'killer',
      VOLFILTER_DERIBIT_KILL_SECRET: `${SECRET}-2`,
    };
    expect(liveKeys(undefined, environment)).toEqual(KEYS);
    const said = refusal(() => liveKeys(undefined, { ...environment, VOLFILTER_DERIBIT_KILL_ID: '' }));
    expect(said).toContain('VOLFILTER_DERIBIT_KILL_ID');
    expect(said).not.toContain(SECRET);
    expect(refusal(() => liveKeys(undefined, { ...environment, VOLFILTER_DERIBIT_KILL_ID: 'trader' }))).toMatch(
      /two keys/,
    );
  });
});

describe('live trading', () => {
  const options = (given: Partial<ModeOptions>): ModeOptions => ({
    feed: { kind: 'venue' },
    journal: false,
    rate: 1,
    instruments: 1,
    seed: 1,
    strikes: 1,
    mode: 'live',
    live: true,
    keys: file(JSON.stringify(KEYS)),
    ...given,
  });
  const open = (given: Partial<ModeOptions>, typed = '') =>
    openMode(
      options(given),
      () => {},
      async () => typed,
    );

  it('wants its own option, and one that is typed, and goes to the test network unless another is named', async () => {
    await expect(open({ live: false })).rejects.toThrow(/--live too/);
    await expect(open({}, 'yes')).rejects.toThrow(/not confirmed/);
    const source = await open({}, confirmationOf(TEST_NETWORK));
    expect(source.venue?.url).toBe(TEST_NETWORK);
    expect(source.settings.execution?.url).toBe(TEST_NETWORK);
    // What the journal keeps of a start has no part of the keys.
    expect(JSON.stringify(source.settings.core)).not.toContain(SECRET);
    await source.close();
  });

  it.each([
    ['ws://example.com/ws', /expected wss:/],
    [`wss://user:${SECRET}@example.com/ws`, /without a name or password/],
    ['https://example.com', /expected an address/],
  ])('is refused at %s', async (url, message) => {
    const said = await open({ url }).catch((error: Error) => error.message);
    expect(said).toMatch(message);
    expect(said).not.toContain(SECRET);
  });

  it('its options mean nothing in other modes, and are refused there', async () => {
    await expect(open({ mode: 'paper' })).rejects.toThrow(/--live goes with --mode live/);
    await expect(open({ mode: 'sim', live: false })).rejects.toThrow(/--keys goes with --mode live/);
    const { keys: _, ...withoutKeys } = options({ mode: 'paper', live: false, feed: { kind: 'synthetic' } });
    await expect(openMode(withoutKeys, () => {})).rejects.toThrow(/expected a feed with instruments/);
  });
});
