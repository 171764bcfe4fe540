import cliProgress from 'cli-progress';

const LINE_EVERY_MS = 10_000;

/** Tells how far a proof is: a bar on a terminal, a line every ten seconds elsewhere. */
export interface Progress {
  update(done: number): void;
  stop(): void;
}

export function showProgress(name: string, amount: number, unit: string): Progress {
  return process.stderr.isTTY ? bar(name, amount, unit) : lines(name, amount, unit);
}

function bar(name: string, amount: number, unit: string): Progress {
  const shown = new cliProgress.SingleBar({
    format: `  ${name} {bar} {percentage}% of ${amount.toLocaleString('en-US')} ${unit}, {duration_formatted}, {eta_formatted} left`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
  });
  shown.start(amount, 0);
  return { update: (done) => shown.update(done), stop: () => shown.stop() };
}

function lines(name: string, amount: number, unit: string): Progress {
  let last = performance.now();
  return {
    update(done) {
      const now = performance.now();
      if (now - last < LINE_EVERY_MS) return;
      last = now;
      process.stderr.write(
        `  ${name}: ${Math.floor((100 * done) / amount)} % of ${amount.toLocaleString('en-US')} ${unit}\n`,
      );
    },
    stop() {},
  };
}
