import { RuntimeSetupError } from '../arena/arena.js';
import { controlBytes, MAX_READERS } from '../arena/layout.js';
import { HEADER_BYTES, recordStep } from './record.js';

/** A ring of records holds this many of the largest at least, so that the padding at its end stays a small share of it. */
const RECORDS_PER_RING = 8;
const MIN_RING_BYTES = 1024;
const MAX_RING_BYTES = 2 ** 30;

/** Bytes of shared memory for a ring of records with its control words; sizes that cannot work are refused. */
export function ringBytes(edge: string, capacityBytes: number, maxBodyBytes: number, readers: number): number {
  const refuse = (what: string): never => {
    throw new RuntimeSetupError(`${edge}: ${what}`);
  };
  const powerOfTwo = Number.isInteger(capacityBytes) && Number.isInteger(Math.log2(capacityBytes));
  if (!powerOfTwo || capacityBytes < MIN_RING_BYTES || capacityBytes > MAX_RING_BYTES) {
    refuse(`capacity must be a power of two from ${MIN_RING_BYTES} to ${MAX_RING_BYTES} bytes, found ${capacityBytes}`);
  }
  if (!Number.isInteger(maxBodyBytes) || maxBodyBytes < 0) {
    refuse(`the largest body must be a whole number of bytes, found ${maxBodyBytes}`);
  }
  if (recordStep(HEADER_BYTES + maxBodyBytes) > capacityBytes / RECORDS_PER_RING) {
    refuse(
      `a record with a body of ${maxBodyBytes} bytes takes more than an eighth of a ring of ${capacityBytes} bytes`,
    );
  }
  if (!Number.isInteger(readers) || readers < 0 || readers > MAX_READERS) {
    refuse(`readers must be from 0 to ${MAX_READERS}, found ${readers}`);
  }
  return controlBytes(readers) + capacityBytes;
}
