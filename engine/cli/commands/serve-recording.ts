import { Command, InvalidArgumentError } from 'commander';
import type { PlaybackSpeed } from '../../../actors/recording-server/playback.js';
import { readRecording } from '../../../actors/recording-server/recording.js';
import { RecordingServer } from '../../../actors/recording-server/recording-server.js';
import { parsePort } from '../port-option.js';
import { endRequested } from '../run/end-requested.js';

function speed(text: string): PlaybackSpeed {
  if (text === 'max') return text;
  const factor = Number(text);
  if (!Number.isFinite(factor) || factor <= 0) throw new InvalidArgumentError("expected a positive number or 'max'.");
  return factor;
}

/** `volfilter serve-recording`. */
export function serveRecordingCommand(): Command {
  return new Command('serve-recording')
    .description("serve a venue's recorded messages on 127.0.0.1 in the venue's own protocol; q or Ctrl-C ends it")
    .argument('<file>', 'recording: a .jsonl file or its folder (Deribit), or a .gz file (Binance)')
    .option('--speed <factor>', "1 is the recorded pace, 10 is ten times that, 'max' as fast as it is read", speed, 1)
    .option('--port <n>', 'port on 127.0.0.1; 0 takes any free one', parsePort, 8791)
    .action(async (file: string, options: { speed: PlaybackSpeed; port: number }, command: Command) => {
      const server = openServer(file, options, command);
      const listening = await server.listen().catch((error: Error) => {
        return command.error(`error: cannot listen on 127.0.0.1:${options.port}: ${error.message}`);
      });
      process.stdout.write(`serving ${file} on ws://127.0.0.1:${listening}; q or Ctrl-C ends it\n`);
      const end = endRequested(undefined);
      await end.ended;
      end.release();
      await server.close();
    });
}

function openServer(file: string, options: { speed: PlaybackSpeed; port: number }, command: Command): RecordingServer {
  try {
    return new RecordingServer({ recording: readRecording(file), ...options });
  } catch (error) {
    return command.error(`error: cannot serve ${file}: ${(error as Error).message}`);
  }
}
