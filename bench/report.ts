import { cpus, release, totalmem } from 'node:os';
import { referenceKernelMs } from './reference-kernel.js';

/** One measured figure: a single `value`, or the percentiles of a distribution; with its rival when it has one. */
export interface BenchResult {
  /** What was measured, unique in its suite, such as `ring batch 16`. */
  name: string;
  /** Unit of every figure in this result, such as `ns`, `us`, `messages/s`. */
  unit: string;
  value?: number;
  p50?: number;
  p99?: number;
  p999?: number;
  max?: number;
  /** The rival measured in the same run, and its figure in the same unit. */
  peer?: string;
  peerValue?: number;
  /** How many times better than the peer: above 1 is better, for times and for rates alike. */
  ratio?: number;
  /** Anything a reader must know: a missed rate, a missing compiler. */
  note?: string;
}

/** Where a report was measured. */
export interface Machine {
  cpu: string;
  cores: number;
  memoryGiB: number;
  kernel: string;
  node: string;
  /** Milliseconds of a fixed piece of plain arithmetic over memory, so that machines compare. */
  referenceKernelMs: number;
}

export interface BenchReport {
  suite: string;
  machine: Machine;
  results: BenchResult[];
}

/** A benchmark: measures, telling its progress line by line. */
export type BenchSuite = (progress: (line: string) => void) => Promise<BenchResult[]> | BenchResult[];

export function describeMachine(): Machine {
  const cores = cpus();
  return {
    cpu: cores[0]?.model ?? 'unknown',
    cores: cores.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    referenceKernelMs: referenceKernelMs(),
  };
}

function figure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const magnitude = Math.abs(value);
  if (magnitude >= 1000) return Math.round(value).toLocaleString('en-US');
  return magnitude >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** The report as a table for a person. */
export function formatReport(report: BenchReport): string {
  const { machine } = report;
  const lines = [
    `${report.suite}: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Linux ${machine.kernel}, Node ${machine.node}, reference kernel ${figure(machine.referenceKernelMs)} ms`,
  ];
  for (const result of report.results) {
    const figures: string[] = [];
    if (result.value !== undefined) figures.push(figure(result.value));
    if (result.p50 !== undefined) figures.push(`p50 ${figure(result.p50)}`);
    if (result.p99 !== undefined) figures.push(`p99 ${figure(result.p99)}`);
    if (result.p999 !== undefined) figures.push(`p99.9 ${figure(result.p999)}`);
    if (result.max !== undefined) figures.push(`max ${figure(result.max)}`);
    const peer =
      result.peer === undefined
        ? ''
        : `  vs ${result.peer}${result.peerValue === undefined ? '' : ` ${figure(result.peerValue)}`}${result.ratio === undefined ? '' : ` = ${figure(result.ratio)}x`}`;
    const note = result.note === undefined ? '' : `  (${result.note})`;
    lines.push(`  ${result.name.padEnd(44)} ${figures.join('  ')} ${result.unit}${peer}${note}`);
  }
  return `${lines.join('\n')}\n`;
}
