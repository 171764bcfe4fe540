import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { built } from '../../testing/built.js';
import { patternBytes, patternType, readPattern, writePattern } from '../../testing/patterned-record.js';
import { BroadcastReader } from '../edge/broadcast-reader.js';
import { BroadcastWriter } from '../edge/broadcast-writer.js';
import { broadcastBytes, formatBroadcast } from '../edge/create-broadcast.js';
import { formatLatest, latestBytes } from '../edge/create-latest.js';
import { formatStream, streamBytes } from '../edge/create-stream.js';
import { LatestWriter } from '../edge/latest-writer.js';
import { StreamReader } from '../edge/stream-reader.js';
import { StreamWriter } from '../edge/stream-writer.js';
import { UntrustedStreamReader } from '../edge/untrusted-stream-reader.js';
import { type Arena, RuntimeSetupError, releaseWriter } from './arena.js';
import { EdgeKind, ReaderCounter } from './layout.js';
import {
  arenaPath,
  attachMappedFile,
  createMappedFile,
  createPeerFile,
  mappedFilesUnavailable,
} from './mapped-file.js';
import { PeerWatch, peerAlive } from './presence.js';
import { createRunFolder, type EngineRun, liveRuns, removeRunFolder, removeStaleRuns } from './run-folder.js';

const ENGINE_RUN = 4711;
const MAX_BODY = 120;
const ring = { name: 'peer', capacityBytes: 1 << 14, maxBodyBytes: MAX_BODY, engineRun: ENGINE_RUN };

/** Without the C library an engine runs on threads alone: there is nothing here to test but that it says so. */
const unavailable = mappedFilesUnavailable();

interface Peer {
  process: ChildProcess;
  /** The peer's next message that has this word in it. */
  said(word: string): Promise<Record<string, unknown>>;
  kill(): Promise<void>;
}

const peers: Peer[] = [];

function peer(role: string, path: string, environment: Record<string, string> = {}): Peer {
  const child = fork(built('engine/testing/peers/mapped-peer'), [role, path, String(ENGINE_RUN), String(MAX_BODY)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, ...environment },
  });
  const messages: Record<string, unknown>[] = [];
  child.on('message', (message) => messages.push(message as Record<string, unknown>));
  const started: Peer = {
    process: child,
    async said(word) {
      for (;;) {
        const found = messages.findIndex((message) => word in message);
        if (found >= 0) return messages.splice(0, found + 1)[found]!;
        if (!child.connected) throw new Error(`the peer ended with ${child.exitCode} before it said '${word}'`);
        await Promise.race([once(child, 'message'), once(child, 'disconnect')]);
      }
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
  peers.push(started);
  return started;
}

/** Lets other processes run, and their messages in. */
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe.skipIf(unavailable !== undefined)('arenas in mapped files', () => {
  let base: string;
  let run: EngineRun;
  let files = 0;

  beforeAll(() => {
    base = mkdtempSync('/dev/shm/volfilter-test-');
    run = createRunFolder(ENGINE_RUN, base);
  });

  afterAll(async () => {
    for (const started of peers) await started.kill();
    removeRunFolder(run);
    expect(readdirSync(base)).toEqual([]);
    rmSync(base, { recursive: true });
  });

  function mapped(bytes: number, format: (memory: ArrayBuffer) => Arena): { path: string; arena: Arena } {
    const { path, memory } = createMappedFile(run, `file-${files++}`, bytes);
    return { path, arena: format(memory) };
  }
  const mappedStream = (readers = 1) =>
    mapped(streamBytes({ ...ring, readers }), (memory) => formatStream(memory, { ...ring, readers }));
  const mappedBroadcast = () => mapped(broadcastBytes(ring), (memory) => formatBroadcast(memory, ring));

  function write(writer: StreamWriter | BroadcastWriter, sequence: number): boolean {
    const bytes = patternBytes(sequence, MAX_BODY);
    const offset = writer.claim(patternType(sequence), bytes);
    if (offset < 0) return false;
    writePattern(writer.buffer.view, offset, sequence, bytes);
    return writer.publish();
  }

  it('belong to their user alone', () => {
    const { path } = mappedStream();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(run.path).mode & 0o777).toBe(0o700);
  });

  it('say what is wrong with a file', () => {
    const { path } = mappedStream();
    expect(() => attachMappedFile(path, 'log', EdgeKind.LATEST, ENGINE_RUN, 'read')).toThrow(
      "arena 'log': expected an edge of kind Latest, found Stream",
    );
    expect(() => attachMappedFile(path, 'log', EdgeKind.STREAM, 1, 'read')).toThrow(
      "arena 'log': expected an arena of engine run 1, found 4711",
    );
    expect(() => attachMappedFile(`${path}.none`, 'log', EdgeKind.STREAM, 1, 'read')).toThrow(
      /^arena 'log': cannot attach to .*ENOENT/,
    );
    const name = basename(path, '.arena');
    expect(() => createMappedFile(run, name, 4096)).toThrow(/cannot make .* EEXIST/);
    expect(existsSync(path)).toBe(true);
    expect(() => arenaPath(run, '../log')).toThrow("arena '../log': the name of a mapped arena is of a-z");
    expect(() => createMappedFile(run, 'huge', 2 ** 50)).toThrow(RuntimeSetupError);
    expect(() => createMappedFile(run, 'huge', 2 ** 50)).toThrow(/'huge' needs 1125899906842624 bytes, .* left/);
  });

  it('take a reader in another process that can only read, and a writer there stops at a fault of its own', async () => {
    const { path, arena } = mappedBroadcast();
    const before = arena.words[40];
    const attacker = peer('write-read-only', path);
    const [, signal] = await once(attacker.process, 'exit');
    expect(signal).toMatch(/SIGSEGV|SIGBUS/);
    expect(arena.words[40]).toBe(before);
  });

  it('feed any number of Broadcast readers in other processes, of which one dies in the middle', async () => {
    const { path, arena } = mappedBroadcast();
    const writer = new BroadcastWriter(arena);
    const [victim, other] = [peer('read-broadcast', path), peer('read-broadcast', path)];
    await Promise.all([victim.said('ready'), other.said('ready')]);
    let sequence = 0;
    const burst = async (until: Promise<unknown>): Promise<void> => {
      let done = false;
      until.then(() => (done = true));
      while (!done) {
        for (let count = 0; count < 2000; count++) write(writer, sequence++);
        await pause(0);
      }
    };
    await burst(victim.said('records'));
    await victim.kill();
    let said: Record<string, unknown> = {};
    await burst(other.said('records').then((message) => (said = message)));
    expect(said.torn).toBe(0);
    await other.kill();
  });

  it('feed Latest readers in another process with whole values only', async () => {
    const options = { name: 'peer', keys: 100, maxBodyBytes: MAX_BODY, engineRun: ENGINE_RUN };
    const { path, arena } = mapped(latestBytes(options), (memory) => formatLatest(memory, options));
    const writer = new LatestWriter(arena);
    const reader = peer('read-latest', path);
    await reader.said('ready');
    let said: Record<string, unknown> | undefined;
    reader.said('records').then((message) => (said = message));
    for (let sequence = 0; said === undefined; sequence++) {
      const bytes = patternBytes(sequence, MAX_BODY);
      const key = sequence % 3;
      writePattern(writer.buffer.view, writer.claim(key, patternType(sequence), bytes), sequence, bytes);
      writer.publish(key);
      if (sequence % 2000 === 0) await pause(0);
    }
    expect(said.torn).toBe(0);
    await reader.kill();
  });

  it('push back when a gated reader in another process dies, and lose nothing for its successor', async () => {
    const { path, arena } = mappedStream();
    const writer = new StreamWriter(arena);
    const victim = peer('read-stream', path);
    await victim.said('ready');
    let sequence = 0;
    let said = false;
    victim.said('records').then(() => (said = true));
    while (!said) {
      while (write(writer, sequence)) sequence++;
      await pause(0);
    }
    await victim.kill();
    while (write(writer, sequence)) sequence++;
    const head = sequence;
    const successor = new StreamReader(arena, 0);
    const received: number[] = [];
    while (successor.hasPending()) {
      successor.poll((type, buffer, offset) => received.push(readPattern(type, buffer, offset, MAX_BODY)), 1000);
    }
    expect(received.length).toBeGreaterThan(0);
    // Contiguous up to the last: what the victim had not given back comes again, nothing is missing.
    expect(received).toEqual(Array.from({ length: received.length }, (_, index) => head - received.length + index));
  });

  it.each([1, 2, 3, 4, 5])(
    'keep what a writer in another process published before it was killed, round %d',
    async () => {
      const { path, arena } = mappedStream();
      const reader = new StreamReader(arena, 0);
      const victim = peer('write-stream', path);
      await victim.said('ready');
      const watch = new PeerWatch(arena.words, 50);
      expect(watch.look(0)).toBe('alive');
      expect(peerAlive(arena.words)).toBe(true);
      let next = 0;
      let wrong = 0;
      const read = (): void => {
        reader.poll((type, buffer, offset) => {
          if (readPattern(type, buffer, offset, MAX_BODY) !== next++) wrong++;
        }, 1000);
      };
      // Killed while it runs at full speed: the signal arrives while this thread reads on.
      let ended = false;
      const target = 5000 + Math.floor(Math.random() * 5000);
      while (!ended) {
        for (let count = 0; count < 100; count++) read();
        if (next > target && !victim.process.killed) victim.kill().then(() => (ended = true));
        await pause(0);
      }
      while (reader.hasPending()) read();
      expect(wrong).toBe(0);
      expect(peerAlive(arena.words)).toBe(false);
      expect(watch.look(100)).toBe('alive');
      expect(watch.look(200)).toBe('dead');
      // Its place can be taken.
      releaseWriter(arena);
      expect(write(new StreamWriter(arena), next)).toBe(true);
      read();
      expect(wrong).toBe(0);
    },
  );

  it('take commands of a peer by a file that it can neither shrink nor grow', async () => {
    const options = { ...ring, readers: 1 };
    const { path, memory } = createPeerFile(run, 'commands-1', streamBytes(options));
    formatStream(memory, options);
    const attacker = peer('truncate', path);
    expect((await attacker.said('refused')).refused).toBe('EPERM');
    const writer = peer('write-stream', path);
    await writer.said('ready');
    // Every type and size that the pattern makes: most are refused, because this reader knows only one.
    const reader = new UntrustedStreamReader(memory, {
      capacityBytes: ring.capacityBytes,
      bodies: new Map([[patternType(0), patternBytes(0, MAX_BODY)]]),
    });
    for (let turn = 0; reader.counters[ReaderCounter.REFUSED]! < 2000 && turn < 10_000; turn++) {
      reader.poll(() => {}, 100);
      if (turn % 20 === 0) await pause(1);
    }
    await writer.kill();
    for (let turn = 0; turn < 1000; turn++) reader.poll(() => {}, 100);
    expect(reader.hasPending()).toBe(false);
    expect(reader.isDetached).toBe(false);
    expect(reader.counters[ReaderCounter.RECORDS]).toBeGreaterThanOrEqual(1);
  });

  it('can be read in the process that made them through a mapping of its own', () => {
    const { path, arena } = mappedBroadcast();
    const reader = new BroadcastReader(attachMappedFile(path, 'again', EdgeKind.BROADCAST, ENGINE_RUN, 'read'));
    write(new BroadcastWriter(arena), 3);
    expect(reader.poll(() => {}, 10)).toBe(1);
  });

  it('of an engine that was killed are removed at the next start, those of a running engine are not', async () => {
    const folder = mkdtempSync(join(base, 'runs-'));
    const [killed, alive] = [peer('own-run', folder), peer('own-run', folder)];
    const dead = String((await killed.said('folder')).folder);
    const live = String((await alive.said('folder')).folder);
    expect(readdirSync(dead)).toEqual(['log.arena']);
    await killed.kill();
    // Not of this engine, though the pid is that of a running process: it was another process then.
    const reused = join(
      folder,
      basename(live).replace(/-(\d+)-(\d+)$/, (_, started, space) => `-${started - 1}-${space}`),
    );
    mkdirSync(reused);
    // Of another container: nobody here can say whether it lives.
    const foreign = join(folder, basename(dead).replace(/\d+$/, '1'));
    mkdirSync(foreign);
    const unrelated = join(folder, 'volfilter-notes');
    mkdirSync(unrelated);
    expect(
      liveRuns(folder)
        .map((found) => found.path)
        .sort(),
    ).toEqual([foreign, live].sort());
    const own = createRunFolder(1, folder);
    expect([dead, reused, live, foreign, unrelated, own.path].map((path) => existsSync(path))).toEqual([
      false,
      false,
      true,
      true,
      true,
      true,
    ]);
    expect(removeStaleRuns(folder)).toEqual([]);
    removeRunFolder(own);
    expect(existsSync(own.path)).toBe(false);
    await alive.kill();
    expect(removeStaleRuns(folder).map((found) => found.path)).toEqual([live]);
    rmSync(folder, { recursive: true });
  });

  it('need a folder that can be written', () => {
    expect(() => createRunFolder(1, '/proc/nowhere')).toThrow(/^cannot make the folder of arenas \/proc\/nowhere/);
  });
});

describe('without the C library', () => {
  it('an arena cannot be a mapped file, and the reason is said', async () => {
    const started = peer('attach', join(dirname(tmpdir()), 'nothing'), { VOLFILTER_NO_NATIVE: '1' });
    expect((await started.said('unavailable')).unavailable).toBe(
      'memory cannot be mapped: switched off by VOLFILTER_NO_NATIVE=1',
    );
    expect((await started.said('error')).error).toBe(
      "arena 'peer' cannot be a mapped file: switched off by VOLFILTER_NO_NATIVE=1; use a SharedArrayBuffer",
    );
  });
});
