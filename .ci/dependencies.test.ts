import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { complaints, installed, permits } from './dependencies.mjs';
import { withoutMirror } from './sbom.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

describe('the licences of what is installed', () => {
  it('fit what it is used for', () => {
    const packages = installed(root);
    expect(packages.length).toBeGreaterThan(100);
    expect(complaints(packages)).toEqual([]);
  });

  it('would be refused where they ask for more than a notice', () => {
    const one = (licence: string, isForDevelopment: boolean): number =>
      complaints([{ name: 'x', version: '1.0.0', licence, isForDevelopment }]).length;
    expect(['GPL-3.0-only', 'SSPL-1.0', 'none is said'].map((licence) => one(licence, true))).toEqual([1, 1, 1]);
    expect([one('MPL-2.0', true), one('MPL-2.0', false)]).toEqual([0, 1]);
  });

  it('are read as SPDX has them', () => {
    const isMit = (licence: string): boolean => licence === 'MIT';
    expect(['MIT', '(MIT OR GPL-2.0)', 'MIT AND GPL-2.0'].map((each) => permits(each, isMit))).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe('the bill of materials', () => {
  it('names no registry but the public one', () => {
    const references = ['https://mirror.example/a.tgz', 'https://registry.npmjs.org/a/-/a-1.0.0.tgz'].map((url) => ({
      type: 'distribution',
      url,
    }));
    expect(withoutMirror({ externalReferences: references })).toEqual({ externalReferences: [references[1]] });
    expect(withoutMirror({ externalReferences: references.slice(0, 1) })).toEqual({});
  });
});
