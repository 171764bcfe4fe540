/** Resolves with the reason to end: the time is over, a signal, or q or Ctrl-C on the terminal. */
export function endRequested(seconds: number | undefined): Promise<string> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const { stdin } = process;
    const end = (why: string): void => {
      clearTimeout(timer);
      if (stdin.isTTY) {
        stdin.setRawMode(false);
        stdin.pause();
      }
      resolve(why);
    };
    if (seconds !== undefined) timer = setTimeout(() => end(`${seconds} s are over`), seconds * 1000);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => end(signal));
    if (stdin.isTTY) {
      // Raw, so that q works without Enter; Ctrl-C then arrives as a key, not as a signal.
      stdin.setRawMode(true);
      stdin.resume();
      stdin.on('data', (key) => {
        const text = key.toString();
        if (text === 'q' || text === '\u0003') end('stopped from the keyboard');
      });
    }
  });
}
