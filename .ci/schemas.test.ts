import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adapt, drift, write } from './schemas.mjs';

describe('generated code', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'volfilter-test-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const files = new Map([
    ['index.ts', "export { Side } from './venue/side.js';\n"],
    ['venue/side.ts', 'export enum Side { Bid, Ask }\n'],
  ]);

  it('that was just written has not drifted', () => {
    write(files, folder);
    expect(drift(files, folder)).toEqual([]);
  });

  it('that is missing, edited or left over is named', () => {
    write(files, folder);
    writeFileSync(join(folder, 'old.ts'), '');
    writeFileSync(join(folder, 'index.ts'), 'edited');
    rmSync(join(folder, 'venue/side.ts'));
    expect(drift(files, folder)).toEqual(['differs  index.ts', 'missing  venue/side.ts', 'stale    old.ts']);
  });

  it('is put right by writing again', () => {
    writeFileSync(join(folder, 'old.ts'), '');
    write(files, folder);
    expect(drift(files, folder)).toEqual([]);
    expect(readFileSync(join(folder, 'venue/side.ts'), 'utf8')).toBe(files.get('venue/side.ts'));
  });
});

describe("the compiler's output", () => {
  it('gets imports that Node resolves', () => {
    expect(adapt("import { A } from '../venue/a';\nimport { B } from './b.js';\n")).toBe(
      "import { A } from '../venue/a.js';\nimport { B } from './b.js';\n",
    );
    expect(adapt("import * as flatbuffers from 'flatbuffers';\n")).toBe(
      "import * as flatbuffers from 'flatbuffers';\n",
    );
  });

  it('writes a boolean as the number that the library wants', () => {
    const method =
      'mutate_f(value:boolean):boolean {\n  this.bb!.writeInt8(this.bb_pos + 25, value);\n  return true;\n}\n';
    expect(adapt(method)).toContain('writeInt8(this.bb_pos + 25, +value);');
  });

  it('loses its any', () => {
    expect(adapt('name(optionalEncoding?:any):string {\n')).toBe(
      'name(optionalEncoding?:flatbuffers.Encoding):string {\n',
    );
  });
});
