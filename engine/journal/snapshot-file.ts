import { createHash } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/**
 * A snapshot of the core: what every stage remembered at one position of the log, in a file of its own beside the journal.
 *
 *     a line of JSON, SnapshotHeader; then the stages' states in its order; then SHA-256 of all that
 *
 * A file appears under its name only when it is whole and on the disk. What is damaged all the same is found by its hash, and
 * the one before it serves.
 */
export interface SnapshotHeader {
  format: 1;
  /** The last log event that every stage had finished. */
  position: number;
  /** Its event time, microseconds since the Unix epoch. */
  time: number;
  /** Start of the engine that it was taken in, see JournalRun. */
  run: number;
  stages: SnapshotStage[];
}

export interface SnapshotStage {
  name: string;
  bytes: number;
  /** Hash of what those bytes are, see stageLayout. Builds before layouts had hashes wrote none. */
  layout?: string;
}

export interface Snapshot {
  header: SnapshotHeader;
  /** By the stage's name. */
  states: Map<string, Uint8Array>;
}

/** What a snapshot file is, once it is written. */
export interface WrittenSnapshot {
  bytes: number;
  hash: Buffer;
}

const HASH_BYTES = 32;
const FILE_NAME = /^(\d{16})\.snapshot$/;
const NEWLINE = 0x0a;

/** Where the snapshots of an engine lie, which writes the journal in a folder. */
export function snapshotsFolder(journal: string): string {
  return join(journal, 'snapshots');
}

/**
 * Writes a snapshot into a folder, and removes all but the newest `keep` of them.
 * @param layouts hash of each stage's layout, by the stage's name
 */
export function writeSnapshot(
  folder: string,
  header: Omit<SnapshotHeader, 'format' | 'stages'>,
  states: ReadonlyMap<string, Uint8Array>,
  layouts: ReadonlyMap<string, string>,
  keep: number,
): WrittenSnapshot {
  mkdirSync(folder, { recursive: true });
  const stages = [...states].map(([name, state]) => ({ name, bytes: state.byteLength, layout: layouts.get(name)! }));
  const full: SnapshotHeader = { format: 1, ...header, stages };
  const parts = [Buffer.from(`${JSON.stringify(full)}\n`), ...states.values()];
  const hash = createHash('sha256');
  const path = join(folder, nameOf(header.position));
  const unfinished = `${path}.unfinished`;
  const file = openSync(unfinished, 'w');
  let bytes = 0;
  try {
    for (const part of parts) {
      hash.update(part);
      bytes += writeSync(file, part);
    }
    const digest = hash.digest();
    bytes += writeSync(file, digest);
    fsyncSync(file);
    renameSync(unfinished, path);
    for (const old of snapshotPositions(folder).slice(keep)) unlinkSync(join(folder, nameOf(old)));
    return { bytes, hash: digest };
  } finally {
    closeSync(file);
  }
}

/** Positions of the snapshots in a folder, newest first. */
export function snapshotPositions(folder: string): number[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .flatMap((name) => FILE_NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => b - a);
}

/** Reads one snapshot; throws an error that says what is wrong with it. */
export function readSnapshot(folder: string, position: number): Snapshot {
  const name = nameOf(position);
  const bytes = readFileSync(join(folder, name));
  const body = bytes.subarray(0, Math.max(0, bytes.length - HASH_BYTES));
  const found = createHash('sha256').update(body).digest();
  if (!found.equals(bytes.subarray(body.length))) throw new Error(`snapshot ${name} is damaged: its hash is another`);
  const end = body.indexOf(NEWLINE);
  const header = JSON.parse(body.toString('utf8', 0, end)) as SnapshotHeader;
  if (header.format !== 1) throw new Error(`snapshot ${name} has format ${header.format}; this version reads format 1`);
  const states = new Map<string, Uint8Array>();
  let at = end + 1;
  for (const stage of header.stages) {
    states.set(stage.name, Uint8Array.from(body.subarray(at, at + stage.bytes)));
    at += stage.bytes;
  }
  if (at !== body.length) throw new Error(`snapshot ${name} has ${body.length} bytes where its stages take ${at}`);
  return { header, states };
}

/** In the order of positions when sorted as text. */
function nameOf(position: number): string {
  return `${String(position).padStart(16, '0')}.snapshot`;
}
