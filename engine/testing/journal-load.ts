/**
 * Writes records to a journal until it is killed, and says after each step what the journal reports durable. Run as
 * `node journal-load.js FOLDER`; its parent kills it at a random moment. It ends by
 * itself, and says why, when the journal takes no more.
 */
import { join } from 'node:path';
import { argv, stdout } from 'node:process';
import { loadSigningKey } from '../journal/signing-key.js';
import { JournalWriter } from '../journal/writer.js';

const folder = argv[2]!;
const RECORD_BYTES = 64;
const BATCH = 2048;

const key = loadSigningKey(join(folder, 'signing.key'));
const writer = new JournalWriter({ folder, key, layouts: { structs: {}, records: {} } });
const memory = new Int32Array((BATCH * RECORD_BYTES) / 4);
let position = writer.position;
let said = '';

function step(): void {
  for (let record = 0; record < BATCH; record++) {
    const at = (record * RECORD_BYTES) / 4;
    memory[at] = RECORD_BYTES;
    memory[at + 1] = position + 1;
    if (!writer.append(memory, record * RECORD_BYTES, RECORD_BYTES, position + 1)) break;
    position++;
  }
  if (position % 16 === 0) writer.sign(position);
  const line = `${writer.committed} ${writer.synced}\n`;
  if (line !== said) stdout.write(line);
  said = line;
  if (writer.state === 'open') setImmediate(step);
  else writer.close(position).then(() => stdout.write(`${writer.problem}\n`));
}

step();
