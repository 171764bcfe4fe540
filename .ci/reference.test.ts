import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadCommands } from '../engine/cli/program.js';
import { actionOf, LIMITS } from '../engine/market/risk/limits.js';
import { CHECKS } from '../engine/market/risk/risk-code.js';
import { GatewayDesk } from '../gateway/testing/gateway-desk.js';
import {
  commandReference,
  guideWithLimits,
  limitNames,
  limitReference,
  refusalNames,
  restReference,
} from './reference.mjs';

const docs = join(dirname(dirname(fileURLToPath(import.meta.url))), 'docs');

describe('the references', () => {
  it('tell every command and option as the program has them: npm run reference writes them anew', async () => {
    expect(readFileSync(join(docs, 'commands.md'), 'utf8')).toBe(commandReference(await loadCommands()));
  });

  it('tell every route as the gateway has it: npm run reference writes them anew', async () => {
    const desk = new GatewayDesk();
    const document = desk.gateway.document() as Parameters<typeof restReference>[0];
    expect(Object.keys(document.paths).length).toBeGreaterThan(20);
    expect(readFileSync(join(docs, 'rest.md'), 'utf8')).toBe(restReference(document));
  });

  it('tell every limit and check as the registries have them, to readers and on the terminal: npm run reference writes them anew', () => {
    const pages = join(docs, '..', 'ui', 'pages');
    const guide = readFileSync(join(docs, 'guide.md'), 'utf8');
    expect(readFileSync(join(docs, 'limits.md'), 'utf8')).toBe(
      limitReference(LIMITS, CHECKS, (name) => actionOf(name as keyof typeof LIMITS)),
    );
    expect(guide).toBe(guideWithLimits(guide, LIMITS));
    expect(readFileSync(join(pages, 'limit-names.ts'), 'utf8')).toBe(limitNames(LIMITS));
    expect(readFileSync(join(pages, 'refusal-names.ts'), 'utf8')).toBe(refusalNames(CHECKS));
  });
});
