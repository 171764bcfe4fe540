import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { encodeSnapshot } from '../../../gateway/topics/encode.js';
import { MergeTopic } from '../../../gateway/topics/topic.js';
import { BookTop } from '../../../schemas/generated/book-top.js';
import { MessageType } from '../../../schemas/message-type.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import type { BenchResult } from '../../report.js';

const ROWS = 500;
const TURNS = 2000;
const ROUNDS = 5;
/** The sources: what the terminal decodes by is bundled from them, as its build does. */
const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..');

/** A snapshot of so many books, as the gateway writes it. */
function frame(): Uint8Array {
  const stride = BookTop.sizeOf();
  const { BOOK_TOP: rowType } = MessageType;
  const topic = new MergeTopic(
    { name: 'tops', class: 'MERGE', rowType, row: 'BookTop', stride, keys: ROWS, text: false, role: 'viewer' },
    0,
  );
  const buffer = new ViewBuffer(new ArrayBuffer(stride));
  const top = new BookTop().__init(0, buffer);
  for (let key = 0; key < ROWS; key++) {
    top.mutate_instrument(key);
    top.mutate_bidPrice(key * 1.1);
    topic.set(key, key, buffer, 0);
  }
  return encodeSnapshot(topic, { epoch: 1, rateHz: 10, seq: 1, sentTime: 1 })[0]!;
}

/** Rows a second that the page takes out of frames into its tables. */
export async function decodedInPage(browser: Browser): Promise<BenchResult> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    stdin: {
      contents:
        "export { FrameReader } from './ui/net/frame.ts'; export { Table } from './ui/store/table.ts'; export { BookTop } from './schemas/generated/book-top.ts';",
      resolveDir: ROOT,
      loader: 'ts',
    },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'terminal',
    target: 'es2022',
    minify: true,
    tsconfig: join(ROOT, 'ui', 'tsconfig.json'),
  });
  const page = await browser.newPage();
  try {
    await page.evaluate(`${outputFiles[0]!.text}; window.terminal = terminal;`);
    const rate = await page.evaluate<number>(`(() => {
      const bytes = new Uint8Array([${frame().join(',')}]);
      const reader = new terminal.FrameReader();
      const table = new terminal.Table(terminal.BookTop);
      let best = 0;
      for (let round = 0; round < ${ROUNDS}; round++) {
        const began = performance.now();
        for (let turn = 0; turn < ${TURNS}; turn++) {
          if (reader.open(bytes.buffer) !== undefined) throw new Error('expected a frame');
          table.apply(reader, false);
        }
        best = Math.max(best, (${TURNS} * reader.count * 1000) / (performance.now() - began));
      }
      return best;
    })()`);
    return {
      name: 'decoding in the browser',
      unit: 'rows/s',
      value: rate,
      note: 'aim: 5,000,000; rows of a book, best of five rounds',
    };
  } finally {
    await page.close();
  }
}
