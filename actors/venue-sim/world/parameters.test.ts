import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../../engine/testing/project-root.js';
import { WORLD, WORLD_VERSION } from './parameters.js';

/** What the parameters of each version are: strategies have been judged in it. */
const PARAMETERS_OF: Record<number, string> = {
  1: '62c168175fd045aa',
};

describe('the parameters of the simulated market', () => {
  it('are those of their version: who changes one gives the world a new version, here and in docs/world.md', () => {
    const digest = createHash('sha256').update(JSON.stringify(WORLD)).digest('hex').slice(0, 16);
    expect(digest).toBe(PARAMETERS_OF[WORLD_VERSION]);
    expect(WORLD.version).toBe(WORLD_VERSION);
    const page = readFileSync(join(projectRoot(), 'docs/world.md'), 'utf8');
    expect(page).toContain(`**version ${WORLD_VERSION}**`);
  });
});
