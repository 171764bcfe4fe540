import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { commandNames } from '../engine/cli/program.js';
import { LIMIT_NAMES, LIMITS } from '../engine/market/risk/limits.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const guides = readdirSync(join(root, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`);

/** What a heading is called in a link, as GitHub calls it. */
function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

describe.each(guides)('%s', (path) => {
  const text = read(path).replace(/```[\s\S]*?```/g, '');

  it('links to files and headings that there are', () => {
    for (const [, file, anchor] of text.matchAll(/\]\(([^)#\s]*)(?:#([^)\s]+))?\)/g)) {
      if (file!.includes('://')) continue;
      const target = file === '' ? path : join(dirname(path), file!);
      expect(existsSync(join(root, target)), `${file}`).toBe(true);
      if (anchor === undefined) continue;
      const anchors = [...read(target).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!));
      expect(anchors, `${file}#${anchor}`).toContain(anchor);
    }
  });

  it('names only commands and scripts that there are', () => {
    const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts);
    for (const [, name] of read(path).matchAll(/(?:npx |`)volfilter ([a-z][a-z-]*)/g)) {
      expect(commandNames()).toContain(name);
    }
    for (const [, name] of read(path).matchAll(/npm run ([a-z:]+)/g)) expect(scripts).toContain(name);
  });
});

describe('the user guide', () => {
  it('tells every limit of risk as it is', () => {
    const text = read('docs/guide.md');
    for (const name of LIMIT_NAMES) {
      expect(text).toContain(`| \`${name}\` | ${LIMITS[name].unit} | ${LIMITS[name].meaning} |`);
    }
  });
});
