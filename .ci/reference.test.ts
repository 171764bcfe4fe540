import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadCommands } from '../engine/cli/program.js';
import { GatewayDesk } from '../gateway/testing/gateway-desk.js';
import { commandReference, restReference } from './reference.mjs';

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
});
