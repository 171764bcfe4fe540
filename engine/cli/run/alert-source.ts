import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RULES_FILE, SINKS_FILE } from '../../../actors/alerts/alert-files.js';
import type { AlertsConfig } from '../../../actors/alerts/alerts.js';
import { readSecret } from '../../../actors/alerts/sinks/secrets.js';
import { parseSinks, type SinkConfig } from '../../../actors/alerts/sinks/sink-config.js';
import { parseRules } from '../../market/alerts/index.js';
import { UserError } from '../user-error.js';

/**
 * Reads the alerts' folder for a run: sinks, whose secrets must be where they are said to be, and rules. What is wrong ends the
 * start, because nobody would be told later.
 */
export function openAlerts(folder: string | false, run: number): Partial<Omit<AlertsConfig, 'readsTheos'>> {
  if (folder === false) return { run };
  const sinks = sinksOf(folder);
  checkRules(folder);
  return { run, folder, ...(sinks === undefined ? {} : { sinks }) };
}

/** The sinks that a folder configures; undefined where it says nothing of them. */
export function sinksOf(folder: string): SinkConfig[] | undefined {
  const path = join(folder, SINKS_FILE);
  if (!existsSync(path)) return undefined;
  try {
    const sinks = parseSinks(readFileSync(path, 'utf8'));
    for (const sink of sinks) {
      const from = sink.kind === 'webhook' ? sink.secretFrom : sink.kind === 'email' ? sink.passwordFrom : undefined;
      if (from !== undefined) readSecret(from);
    }
    return sinks;
  } catch (error) {
    throw new UserError(`${path}: ${(error as Error).message}`);
  }
}

/** How many rules a folder's file holds; throws a UserError that points at the character for one that cannot be read. */
export function checkRules(folder: string): number {
  const path = join(folder, RULES_FILE);
  if (!existsSync(path)) return 0;
  try {
    return parseRules(readFileSync(path, 'utf8')).length;
  } catch (error) {
    throw new UserError(`${path}: ${(error as Error).message}`);
  }
}
