import { type Notice, noticeLine } from '../notice.js';
import type { Sink } from './sink.js';

/** Says notices in the engine's own log. */
export class LogSink implements Sink {
  readonly name: string;
  private readonly log: (level: 'info' | 'warn' | 'error', message: string) => void;

  constructor(name: string, log: (level: 'info' | 'warn' | 'error', message: string) => void) {
    this.name = name;
    this.log = log;
  }

  async tell(notice: Notice): Promise<number> {
    const isGood = notice.state === 'normal';
    this.log(isGood ? 'info' : notice.severity === 'critical' ? 'error' : 'warn', noticeLine(notice));
    return 0;
  }
}
