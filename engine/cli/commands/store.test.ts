import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MessageType } from '../../../schemas/message-type.js';
import { currentLayouts } from '../../journal/layouts.js';
import { JournalWriter } from '../../journal/writer.js';
import { built } from '../../testing/built.js';

let journal: string;
let follower: ChildProcess;

beforeEach(async () => {
  journal = mkdtempSync(join(tmpdir(), 'volfilter-follower-'));
  const { privateKey: key } = generateKeyPairSync('ed25519');
  await new JournalWriter({ folder: journal, key, layouts: currentLayouts(MessageType) }).close(1);
  follower = spawn(process.execPath, [built('engine/cli/main'), 'store', journal, '--follow'], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
});
afterEach(() => {
  follower.kill('SIGKILL');
  rmSync(journal, { recursive: true, force: true });
});

describe('a store that follows the journal of an engine ends with it', () => {
  test('when the engine ends before it has begun', async () => {
    follower.disconnect();
    expect(await once(follower, 'exit')).toEqual([null, 'SIGTERM']);
  });

  test('and while it follows, with what it has', async () => {
    let said = '';
    follower.stdout!.on('data', (text: Buffer) => (said += text.toString()));
    await once(follower, 'message');
    const ended = Promise.all([once(follower, 'exit'), once(follower.stdout!, 'end')]);
    follower.disconnect();
    expect((await ended)[0]).toEqual([0, null]);
    expect(said).toBe('0 rows added; the store has 0 parts\n');
  });
});
