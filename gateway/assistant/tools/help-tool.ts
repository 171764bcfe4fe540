import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { tool } from './tool.js';

/** The pages' codes, as people give them to the command line of the terminal. */
const PAGES =
  'HOME market at a glance; OMON option chain; QUOT own quotes and why; SMILE, TERM, SURF volatility; BOOK best prices; ORD orders; FILL fills; PORT positions; PNL profit and loss; RISK Greeks and worst cases; LIM limits; SCEN scenarios; LAT latency; FEED feeds; ALRT alerts; FILT volatility filter; STAT statistics; MMP protection and credits; OVME what-if pricer; TAS trades; REPT report; LOG log; SET settings; HELP help; ASK this assistant; SQL the store. [UND] [EXPIRY] [STRIKE] [C|P] FUNCTION, such as BTC 27MAR26 SMILE.';

const MOST_PARTS = 6;

interface Part {
  where: string;
  text: string;
}

let parts: Part[] | undefined;

/** Sections of the README and of the docs beside this code, where they are installed. */
function docParts(): Part[] {
  let root = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(root, 'package.json')) && dirname(root) !== root) root = dirname(root);
  const docs = join(root, 'docs');
  const files = [
    ...(existsSync(join(root, 'README.md')) ? ['README.md'] : []),
    ...(existsSync(docs)
      ? readdirSync(docs)
          .filter((name) => name.endsWith('.md'))
          .map((name) => join('docs', name))
      : []),
  ];
  return files.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split(/^(?=#)/m)
      .map((text) => ({
        where: `${file}: ${text.split('\n', 1)[0]!.replace(/^#+\s*/, '')}`,
        text: text.slice(0, 1500),
      })),
  );
}

export const helpTool = tool({
  name: 'search_help',
  description: `Searches the documentation of volfilter. Pages of the terminal: ${PAGES}`,
  input: z.strictObject({ words: z.string().min(1).max(200) }),
  run: ({ words }) => {
    parts ??= docParts();
    const wanted = words
      .toLowerCase()
      .split(/\W+/)
      .filter((word) => word.length > 2);
    const scored = parts
      .map((part) => ({ part, score: wanted.filter((word) => part.text.toLowerCase().includes(word)).length }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score)
      .slice(0, MOST_PARTS);
    // Texts of ours are longer than a cell may be: in pieces.
    const rows = scored.map(({ part }) => ({ where: part.where, text: part.text.match(/[\s\S]{1,480}/g) ?? [] }));
    return { pane: 'HELP', rows };
  },
});
