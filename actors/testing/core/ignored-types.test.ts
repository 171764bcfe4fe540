import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectRoot } from '../../../engine/testing/project-root.js';
import { MessageType } from '../../../schemas/message-type.js';
import { coreSettings } from '../../backtest/simulated-backtest.js';
import { core } from '../../core.js';

const NAMES = new Map<number, string>(Object.entries(MessageType).map(([name, type]) => [type, name]));

it.each(core(coreSettings({ quoting: {}, hedging: {} })))(
  '$name never looks at a type of record that it ignores',
  ({ name, ignores = [] }) => {
    const folder = join(projectRoot(), 'actors', name);
    const sources = readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
    // The quoter of fixed widths shares the folder, and ignores nothing.
    const own = sources.filter((file) => name !== 'quoter' || file !== 'quoter.ts');
    const code = own.map((file) => readFileSync(join(folder, file), 'utf8').replaceAll(/ignores: \[[^\]]*\]/g, ''));
    const looked = ignores.filter((type) =>
      new RegExp(`(case|===) MessageType\\.${NAMES.get(type)}\\b`).test(code.join('\n')),
    );
    expect(looked.map((type) => NAMES.get(type))).toEqual([]);
  },
);
