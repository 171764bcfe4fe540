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
  /** Microseconds since the Unix epoch of the recording's first message. */
  startMicros: number;
}

const { path } = workerData as RecordingThreadData;
const recording = readRecording(path);
const server = new RecordingServer({ recording, speed: 1, port: 0 });
const port = await server.listen();
const ready: RecordingThreadReady = { port, venue: recording.venue, startMicros: recording.startMicros };
parentPort!.postMessage(ready);
