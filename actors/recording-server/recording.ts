import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** One message that a venue sent, as it sent it. */
export interface RecordedFrame {
  /** Microseconds since the Unix epoch at which it was received. */
  timeMicros: number;
  /** The message's own bytes. */
  bytes: Buffer;
  /** The channel or stream that it came on. */
  channel: string;
}

/** One answer of the venue to a REST request. */
export interface RecordedAnswer {
  timeMicros: number;
  /** What was asked; empty where the recording does not say. */
  url: string;
  bytes: Buffer;
}

export interface Recording {
  venue: 'deribit' | 'binance';
  /** In the order in which they came. */
  frames: readonly RecordedFrame[];
  answers: readonly RecordedAnswer[];
  /** Microseconds since the Unix epoch of the first frame. */
  startMicros: number;
}

/** A line of a recording: what came, when, and whether over the socket or as the answer to a request. */
interface Line {
  timeMicros: number;
  kind: 'frame' | 'answer';
  url: string;
  bytes: Buffer;
}

const NEWLINE = 0x0a;
const SPACE = 0x20;
const MESSAGE = Buffer.from(',"msg":');

/**
 * Reads a recording: a file or a folder of `{"recv", "dir", "url"?, "msg"}` lines, or a gzipped file of
 * `<nanoseconds> <message>` lines. The answers to REST requests that stand in files beside a given file belong to it.
 * Throws where nothing can be served from it.
 */
export function readRecording(path: string): Recording {
  const lines = filesOf(path).flatMap(readLines);
  const frames: RecordedFrame[] = [];
  const answers: RecordedAnswer[] = [];
  let venue: Recording['venue'] | undefined;
  for (const { timeMicros, kind, url, bytes } of lines) {
    if (kind === 'answer') {
      answers.push({ timeMicros, url, bytes });
      continue;
    }
    const message = JSON.parse(bytes.toString()) as {
      params?: { channel?: string };
      stream?: string;
      lastUpdateId?: number;
    };
    const channel = message.params?.channel ?? message.stream;
    if (channel !== undefined) {
      venue ??= message.stream === undefined ? 'deribit' : 'binance';
      frames.push({ timeMicros, bytes, channel });
    } else if (message.lastUpdateId !== undefined) answers.push({ timeMicros, url: '', bytes });
  }
  const [first] = frames;
  if (venue === undefined || first === undefined) {
    throw new Error(`${path} holds no message of a channel: expected lines of {"recv", "dir":"in", "msg"}`);
  }
  return { venue, frames, answers, startMicros: first.timeMicros };
}

function filesOf(path: string): string[] {
  const isFolder = statSync(path).isDirectory();
  const folder = isFolder ? path : dirname(path);
  if (path.endsWith('.gz')) return [path];
  const siblings = readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .map((name) => join(folder, name));
  if (isFolder) return siblings;
  return [path, ...siblings.filter((sibling) => sibling !== path && holdsAnswersOnly(sibling))];
}

function holdsAnswersOnly(path: string): boolean {
  return readLines(path).every(({ kind }) => kind === 'answer');
}

function readLines(path: string): Line[] {
  const gzipped = path.endsWith('.gz');
  const bytes = gzipped ? gunzipSync(readFileSync(path)) : readFileSync(path);
  const readLine = gzipped ? readStamped : readEnveloped;
  const lines: Line[] = [];
  let number = 0;
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(NEWLINE, start);
    const end = found < 0 ? bytes.length : found;
    number++;
    try {
      const line = readLine(bytes.subarray(start, end));
      if (line !== undefined) lines.push(line);
    } catch (error) {
      throw new Error(`${path}, line ${number}: expected a recorded message, found ${(error as Error).message}`);
    }
    start = end + 1;
  }
  return lines;
}

/** `<nanoseconds> <message>` */
function readStamped(line: Buffer): Line | undefined {
  const space = line.indexOf(SPACE);
  if (space < 0) return undefined;
  const timeMicros = Math.floor(Number(line.toString('latin1', 0, space)) / 1000);
  return { timeMicros, kind: 'frame', url: '', bytes: line.subarray(space + 1) };
}

/** `{"recv":<seconds>,"dir":"in"|"http","url":<address>,"msg":<message>}`, of which the message's bytes are kept as they are. */
function readEnveloped(line: Buffer): Line | undefined {
  const message = line.indexOf(MESSAGE);
  // Connections are lines too, without a message.
  if (message < 0 && (line.length === 0 || typeof JSON.parse(line.toString()) === 'object')) return undefined;
  const { recv, dir, url } = JSON.parse(`${line.toString('utf8', 0, message)}}`) as {
    recv: number;
    dir: string;
    url?: string;
  };
  if (dir !== 'in' && dir !== 'http') return undefined;
  return {
    timeMicros: Math.round(recv * 1e6),
    kind: dir === 'http' ? 'answer' : 'frame',
    url: url ?? '',
    bytes: line.subarray(message + MESSAGE.length, line.lastIndexOf('}')),
  };
}
