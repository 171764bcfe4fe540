import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { built } from '../built.js';

let count = 0;

/**
 * The built module of a source with one error put into it: a check that finds nothing wrong with it is no check. The text to
 * replace must stand there exactly once, so that a mutant never is the original by accident.
 */
export async function mutant<Module>(source: string, original: string, error: string): Promise<Module> {
  const path = built(source);
  const text = readFileSync(path, 'utf8');
  const times = text.split(original).length - 1;
  if (times !== 1) throw new Error(`'${original}' stands ${times} times in ${path}, not once`);
  // Beside the original, so that its imports are found.
  const copy = path.replace(/\.js$/, `.mutant-${process.pid}-${count++}.js`);
  writeFileSync(copy, text.replace(original, error));
  try {
    return (await import(pathToFileURL(copy).href)) as Module;
  } finally {
    rmSync(copy);
  }
}
