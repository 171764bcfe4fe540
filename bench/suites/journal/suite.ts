/**
 * The journal: 64-byte records appended and written to the disk, the cost of taking one, verification, and what the recorder adds to
 * whoever writes the log.
 *
 *   records in memory ──> writer: copies, hashes and chains blocks ──> LMDB on its own thread ──> disk
 *   disk ──> reader ──> every hash, link and frame checked
 *   writer of the log ──> ring ──> recorder on a thread of its own ──> writer as above
 */
import type { BenchSuite } from '../../report.js';
import { logWriterResults } from './log-writer.js';
import { sustainedResults } from './sustained.js';

export const suite: BenchSuite = async (progress) => [
  ...(await sustainedResults(progress)),
  ...(await logWriterResults(progress)),
];
