/** Entry of a thread that serves a recording to the engine of the same process. */
import { parentPort, workerData } from 'node:worker_threads';
import { readRecording } from './recording.js';
import { RecordingServer } from './recording-server.js';

/** What the thread is told. */
export interface RecordingThreadData {
  path: string;
}

/** What it says once it listens. */
export interface RecordingThreadReady {
  port: number;
  venue: 'deribit' | 'binance';
  /** The recorded channels or streams. */
  channels: string[];
  /** Recorded time as it says so, microseconds since the Unix epoch. */
  nowMicros: number;
}

/** The engine's time to start and subscribe. */
const LEAD_MS = 3000;

const { path } = workerData as RecordingThreadData;
const recording = readRecording(path);
const server = new RecordingServer({ recording, speed: 1, port: 0, leadMs: LEAD_MS });
const channels = [...new Set(recording.frames.map(({ channel }) => channel))];
const port = await server.listen();
const ready: RecordingThreadReady = { port, venue: recording.venue, channels, nowMicros: server.nowMicros };
parentPort!.postMessage(ready);
