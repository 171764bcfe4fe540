import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../../engine/testing/project-root.js';
import type { BenchReport } from '../report.js';

/** Between being asked to end and being ended. */
const END_MS = 5000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const PROGRAM = join(projectRoot(), 'dist/engine/cli/main.js');

/**
 * Runs one suite in a process of its own: what one has warmed up or left behind is no part of the next. Its processes end with it, also when the time is over.
 * @param progress told of each line that it says
 * @throws Error that says in a line why there is no report
 */
export async function measure(suite: string, withinMs: number, progress: (line: string) => void): Promise<BenchReport> {
  const child = spawn(process.execPath, [PROGRAM, 'bench', suite, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, which can be ended with all that it has started.
    detached: true,
  });
  const end = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-child.pid!, signal);
    } catch {
      // All of it has ended.
    }
  };
  let isLate = false;
  const late = setTimeout(() => {
    isLate = true;
    end('SIGTERM');
    setTimeout(() => end('SIGKILL'), END_MS).unref();
  }, withinMs);
  // What has a group of its own hears nothing of what ends ours.
  const interrupted = (): void => {
    end('SIGTERM');
    process.exit(130);
  };
  for (const signal of SIGNALS) process.once(signal, interrupted);
  let said = '';
  let lastLine = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n').filter((each) => each.trim() !== '')) {
      lastLine = line.trim();
      progress(lastLine);
    }
  });
  try {
    const how = await new Promise<string>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(signal ?? `code ${code}`));
    });
    if (isLate)
      throw new Error(`it was not done after ${Math.round(withinMs / 1000)} s; the last that it said: ${lastLine}`);
    return reportIn(said, how, lastLine);
  } finally {
    clearTimeout(late);
    for (const signal of SIGNALS) process.off(signal, interrupted);
    end('SIGKILL');
  }
}

function reportIn(said: string, how: string, lastLine: string): BenchReport {
  try {
    return JSON.parse(said) as BenchReport;
  } catch {
    throw new Error(`it ended with ${how} and no report; the last that it said: ${lastLine || 'nothing'}`);
  }
}
