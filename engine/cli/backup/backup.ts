import { createHash } from 'node:crypto';
import {
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { compactJournal } from '../../journal/archive.js';
import { syncFile } from '../../journal/creation.js';
import { JournalReader } from '../../journal/reader.js';
import { JOURNAL_FILE, journalExists } from '../../journal/store.js';
import { storeFolder } from '../../store/sql/manifest.js';
import { writeFileAtOnce } from './write-file.js';

/** What a backup says about itself. */
const MANIFEST_FILE = 'backup.json';
const STORE_MANIFEST = 'manifest.json';
const SIGNING_KEY = 'signing-key.pem';
const ATTEMPTS = 5;

const manifestSchema = z.strictObject({
  format: z.literal(1),
  /** ISO 8601. */
  taken: z.string(),
  /** Whether the key that signs the journal's heads is in it. */
  hasKey: z.boolean(),
  /** The end of the journal's chain; null where it has no blocks yet. */
  lastPosition: z.number().nullable(),
  files: z.array(z.strictObject({ path: z.string(), bytes: z.number(), sha256: z.string().length(64) })),
});
export type BackupManifest = z.infer<typeof manifestSchema>;

/** Files that belong to who writes the folder now, and LMDB's, which are copied through LMDB. */
function isCopied(name: string): boolean {
  return (
    !name.startsWith(JOURNAL_FILE) && !name.endsWith('.lock') && !name.endsWith('.unfinished') && !name.includes('.tmp')
  );
}

/** Every file below a folder, relative to it, sorted. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** Folders below one that hold a LMDB journal: itself, and its history. */
function journalsBelow(folder: string): string[] {
  return filesBelow(folder)
    .filter((path) => path === JOURNAL_FILE || path.endsWith(`/${JOURNAL_FILE}`))
    .map((path) => dirname(path))
    .filter((path) => journalExists(join(folder, path)));
}

export async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/**
 * Copies a journal with its history, snapshots and SQL store into a new folder, while an engine may go on writing. What follows the journal (store,
 * snapshots) is copied before it, so that no copy of them is ahead of the journal's. The copy has its name only when it is whole.
 */
export async function takeBackup(
  journal: string,
  to: string,
  options: { withKey: boolean; now: Date },
): Promise<BackupManifest> {
  if (!journalExists(journal))
    throw new Error(`there is no journal in '${journal}': expected the file ${JOURNAL_FILE}`);
  if (existsSync(to)) throw new Error(`'${to}' is there already: give a folder that is not`);
  const unfinished = `${to}.unfinished`;
  if (existsSync(unfinished)) throw new Error(`'${unfinished}' was left by a backup that did not end: remove it`);
  mkdirSync(dirname(to), { recursive: true });
  mkdirSync(unfinished, { mode: 0o700 });
  for (let attempt = 1; !copyFiles(journal, unfinished, options.withKey); attempt++) {
    if (attempt === ATTEMPTS)
      throw new Error(`the files in '${journal}' changed while they were copied, ${ATTEMPTS} times`);
  }
  for (const folder of journalsBelow(journal)) await compactJournal(join(journal, folder), join(unfinished, folder));
  const files = [];
  for (const path of filesBelow(unfinished)) {
    if (path.endsWith('-lock')) continue;
    const whole = join(unfinished, path);
    syncFile(whole);
    files.push({ path, bytes: statSync(whole).size, sha256: await sha256(whole) });
  }
  const reader = new JournalReader(unfinished);
  const { lastPosition } = reader.summary();
  await reader.close();
  const manifest: BackupManifest = {
    format: 1,
    taken: options.now.toISOString(),
    hasKey: options.withKey && existsSync(join(unfinished, SIGNING_KEY)),
    lastPosition: Number.isFinite(lastPosition) ? lastPosition : null,
    files,
  };
  writeFileAtOnce(join(unfinished, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
  renameSync(unfinished, to);
  return manifest;
}

/** False where a file went while the others were copied: who writes the folder has put others in its place. */
function copyFiles(from: string, to: string, withKey: boolean): boolean {
  // The manifest must be the one of the parts that are listed: parts that it names and that go later are missed when they are copied.
  const storeManifest = join(storeFolder(from), STORE_MANIFEST);
  const before = textOf(storeManifest);
  const paths = filesBelow(from);
  if (textOf(storeManifest) !== before) return false;
  rmSync(storeFolder(to), { recursive: true, force: true });
  for (const path of paths) {
    if (!isCopied(path.split('/').at(-1)!) || (path === SIGNING_KEY && !withKey)) continue;
    mkdirSync(join(to, dirname(path)), { recursive: true });
    try {
      copyFileSync(join(from, path), join(to, path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  }
  if (before !== undefined) writeFileAtOnce(join(storeFolder(to), STORE_MANIFEST), before);
  return true;
}

function textOf(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

export function readManifest(backup: string): BackupManifest {
  let text: string;
  try {
    text = readFileSync(join(backup, MANIFEST_FILE), 'utf8');
  } catch {
    throw new Error(`'${backup}' is no backup: expected the file ${MANIFEST_FILE}`);
  }
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch {
    throw new Error(`${join(backup, MANIFEST_FILE)} is damaged, or of another version`);
  }
}

/** What is wrong with a backup, a line each: files that are missing or changed, and what the journals' own chains say. */
export async function verifyBackup(backup: string, manifest = readManifest(backup)): Promise<string[]> {
  const faults: string[] = [];
  for (const { path, bytes, sha256: expected } of manifest.files) {
    const found = statSync(join(backup, path), { throwIfNoEntry: false });
    if (found === undefined) faults.push(`${path} is missing`);
    else if (found.size !== bytes) faults.push(`${path} has ${found.size} bytes, expected ${bytes}`);
    else if ((await sha256(join(backup, path))) !== expected)
      faults.push(`${path} is not what was copied: its hash differs`);
  }
  if (faults.length > 0) return faults;
  for (const folder of journalsBelow(backup)) {
    const reader = new JournalReader(join(backup, folder));
    faults.push(...reader.verify().faults.map((fault) => `${folder === '.' ? 'journal' : folder}: ${fault}`));
    await reader.close();
  }
  return faults;
}

/** Puts a backup where a journal shall be. Each file is checked against its hash before the folder has its name. */
export async function restoreBackup(backup: string, to: string): Promise<BackupManifest> {
  const manifest = readManifest(backup);
  if (existsSync(to) && readdirSync(to).length > 0) throw new Error(`'${to}' is not empty: move it away first`);
  const unfinished = `${to}.unfinished`;
  if (existsSync(unfinished)) throw new Error(`'${unfinished}' was left by a restore that did not end: remove it`);
  mkdirSync(unfinished, { recursive: true });
  for (const { path, sha256: expected } of manifest.files) {
    const copy = join(unfinished, path);
    mkdirSync(dirname(copy), { recursive: true });
    copyFileSync(join(backup, path), copy);
    if ((await sha256(copy)) !== expected)
      throw new Error(`${path} of '${backup}' is not what was copied: its hash differs`);
    syncFile(copy);
  }
  renameSync(unfinished, to);
  return manifest;
}
