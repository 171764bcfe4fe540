/** What the end is asked for with, and where from: the process's own unless a test says otherwise. */
export interface EndSources {
  stdin: Pick<NodeJS.ReadStream, 'isTTY' | 'setRawMode' | 'resume' | 'pause' | 'on' | 'off'>;
  signals: Pick<NodeJS.Process, 'once' | 'off'>;
}

export interface EndRequest {
  /** Resolves with the reason to end: the time is over, a signal, or q or Ctrl-C on the terminal. */
  ended: Promise<string>;
  /** Gives the terminal and the signals back; nothing is asked any more. */
  release(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const CTRL_C = '\u0003';

/** Waits for somebody, or for the time in seconds, to end the run. */
export function endRequested(
  seconds: number | undefined,
  { stdin, signals }: EndSources = { stdin: process.stdin, signals: process },
): EndRequest {
  let finish: (why: string) => void = () => {};
  const ended = new Promise<string>((resolve) => {
    finish = resolve;
  });
  const end = (why: string): void => {
    release();
    finish(why);
  };
  const onSignal = (signal: NodeJS.Signals): void => end(signal);
  const onKey = (key: Buffer): void => {
    const text = key.toString();
    if (text.includes('q') || text.includes(CTRL_C)) end('stopped from the keyboard');
  };
  const timer = seconds === undefined ? undefined : setTimeout(() => end(`${seconds} s are over`), seconds * 1000);
  // A second signal, while the engine ends, finds nobody here and ends the process at once.
  for (const signal of SIGNALS) signals.once(signal, onSignal);
  if (stdin.isTTY) {
    // Raw, so that q works without Enter; Ctrl-C then arrives as a key, not as a signal.
    stdin.setRawMode(true);
    stdin.resume();
    stdin.on('data', onKey);
  }
  function release(): void {
    clearTimeout(timer);
    for (const signal of SIGNALS) signals.off(signal, onSignal);
    if (!stdin.isTTY) return;
    stdin.off('data', onKey);
    stdin.setRawMode(false);
    stdin.pause();
  }
  return { ended, release };
}
