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

/** Where something was measured, in one line. */
export function formatMachine({ cpu, cores, memoryGiB, kernel, node, referenceKernelMs }: Machine): string {
  return `${cpu}, ${cores} cores, ${memoryGiB} GiB, Linux ${kernel}, Node ${node}, reference kernel ${figure(referenceKernelMs)} ms`;
}

/** The figures of a result with their unit, its peer and its note. */
export function formatFigures(result: BenchResult): string {
  const { value, p50, p99, p999, max, unit, peer, peerValue, ratio, note } = result;
  const figures = [
    value === undefined ? '' : figure(value),
    p50 === undefined ? '' : `p50 ${figure(p50)}`,
    p99 === undefined ? '' : `p99 ${figure(p99)}`,
    p999 === undefined ? '' : `p99.9 ${figure(p999)}`,
    max === undefined ? '' : `max ${figure(max)}`,
  ].filter((text) => text !== '');
  const rival =
    peer === undefined
      ? ''
      : `  vs ${peer}${peerValue === undefined ? '' : ` ${figure(peerValue)}`}${ratio === undefined ? '' : ` = ${figure(ratio)}x`}`;
  return `${figures.join('  ')} ${unit}${rival}${note === undefined ? '' : `  (${note})`}`;
}

/** The report as a table for a person. */
export function formatReport({ suite, machine, results }: BenchReport): string {
  const lines = results.map((result) => `  ${result.name.padEnd(44)} ${formatFigures(result)}`);
  return `${[`${suite}: ${formatMachine(machine)}`, ...lines].join('\n')}\n`;
}
