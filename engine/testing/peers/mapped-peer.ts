import { truncateSync } from 'node:fs';
import { EdgeKind } from '../../runtime/arena/layout.js';
import { attachMappedFile, createMappedFile, mappedFilesUnavailable } from '../../runtime/arena/mapped-file.js';
import { announcePresence, beat } from '../../runtime/arena/presence.js';
import { createRunFolder } from '../../runtime/arena/run-folder.js';
import { BroadcastReader } from '../../runtime/edge/broadcast-reader.js';
import { LatestReader } from '../../runtime/edge/latest-reader.js';
import type { EdgeReader } from '../../runtime/edge/record.js';
import { StreamReader } from '../../runtime/edge/stream-reader.js';
import { StreamWriter } from '../../runtime/edge/stream-writer.js';
import { patternBytes, patternType, readPattern, writePattern } from '../patterned-record.js';

/**
 * A process that shares memory with a test: `node mapped-peer.js <role> <path> <run> <largest body>`. It reports over its IPC
 * channel and runs until it is killed or the test lets go of it.
 */
const [role, path, runText, bodyText] = process.argv.slice(2) as [string, string, string, string];
const engineRun = Number(runText);
const maxBodyBytes = Number(bodyText);
const report = (message: Record<string, unknown>): void => {
  process.send?.(message);
};
/** Runs until the process ends, in turns, so that messages get out. */
const forever = (turn: () => void): void => {
  turn();
  setImmediate(forever, turn);
};

function readForever(reader: EdgeReader): void {
  let records = 0;
  let torn = 0;
  let told = 0;
  report({ ready: true });
  forever(() => {
    for (let count = 0; count < 200; count++) {
      records += reader.poll((type, buffer, offset) => {
        if (readPattern(type, buffer, offset, maxBodyBytes) < 0) torn++;
      }, 64);
    }
    if (records - told >= 1000) {
      told = records;
      report({ records, torn });
    }
  });
}

switch (role) {
  case 'read-broadcast':
    readForever(new BroadcastReader(attachMappedFile(path, 'peer', EdgeKind.BROADCAST, engineRun, 'read')));
    break;
  case 'read-latest':
    readForever(new LatestReader(attachMappedFile(path, 'peer', EdgeKind.LATEST, engineRun, 'read')));
    break;
  case 'read-stream':
    readForever(new StreamReader(attachMappedFile(path, 'peer', EdgeKind.STREAM, engineRun, 'write'), 0));
    break;
  case 'write-stream': {
    const arena = attachMappedFile(path, 'peer', EdgeKind.STREAM, engineRun, 'write');
    announcePresence(arena.words);
    const writer = new StreamWriter(arena);
    let sequence = 0;
    report({ ready: true });
    forever(() => {
      beat(arena.words);
      for (let count = 0; count < 500; count++) {
        const bytes = patternBytes(sequence, maxBodyBytes);
        const offset = writer.claim(patternType(sequence), bytes);
        if (offset < 0) break;
        writePattern(writer.buffer.view, offset, sequence++, bytes);
        if (sequence % 3 === 0) writer.publish();
      }
      writer.publish();
    });
    break;
  }
  case 'write-read-only': {
    const arena = attachMappedFile(path, 'peer', EdgeKind.BROADCAST, engineRun, 'read');
    arena.words[40] = 1;
    report({ survived: true });
    break;
  }
  case 'truncate':
    try {
      truncateSync(path, 0);
      report({ truncated: true });
    } catch (error) {
      report({ refused: (error as NodeJS.ErrnoException).code });
    }
    break;
  case 'own-run': {
    const run = createRunFolder(engineRun, path);
    createMappedFile(run, 'log', 4096);
    report({ folder: run.path });
    forever(() => {});
    break;
  }
  case 'attach':
    report({ unavailable: mappedFilesUnavailable() });
    try {
      attachMappedFile(path, 'peer', EdgeKind.BROADCAST, engineRun, 'read');
    } catch (error) {
      report({ error: (error as Error).message });
    }
    break;
  default:
    throw new Error(`no role is called '${role}'`);
}
