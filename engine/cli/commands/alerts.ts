import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { type FileCommand, giveCommand, parseDuration, RULES_FILE } from '../../../actors/alerts/alert-files.js';
import { readChangeText } from '../../../actors/alerts/alert-records.js';
import { DEFAULT_RULES as USUAL_RULES } from '../../../actors/alerts/default-rules.js';
import { AlertChange } from '../../../schemas/generated/alert-change.js';
import { MessageType } from '../../../schemas/message-type.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import { eachRecord } from '../../journal/block.js';
import { JournalReader } from '../../journal/reader.js';
import { alertStateNames, parseRules, severities } from '../../market/alerts/index.js';
import { HEADER_BYTES, HeaderOffset } from '../../runtime/edge/record.js';
import { DEFAULT_JOURNAL } from '../journal-folder.js';
import { checkRules, sinksOf } from '../run/alert-source.js';
import { formatTable } from '../table.js';
import { UserError } from '../user-error.js';

const FOLDER = 'data/alerts';
const RULES = `${FOLDER}/alerts.rules`;

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

function duration(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === undefined || seconds <= 0) throw new InvalidArgumentError('expected a time such as 30m or 2h.');
  return seconds;
}

function checkCommand(): Command {
  return new Command('check')
    .description("read a file of rules, and the sinks of the alerts' folder; says where something is wrong")
    .argument('[rules]', 'file of rules, one a line', RULES)
    .option('--folder <folder>', 'folder of the alerts', FOLDER)
    .action((file: string, { folder }: { folder: string }) => {
      if (!existsSync(file)) {
        // Nobody has to write rules: what was not named need not be there.
        if (file !== RULES) throw new UserError(`there is no file ${file}`);
        print(`no file ${file}: the usual rules hold, ${parseRules(USUAL_RULES).length} of them`);
        return;
      }
      let rules: ReturnType<typeof parseRules>;
      try {
        rules = parseRules(readFileSync(file, 'utf8'));
      } catch (error) {
        throw new UserError(`${file}: ${(error as Error).message}`);
      }
      const sinks = sinksOf(folder) ?? [{ name: 'log' }];
      for (const { name, sinks: wanted } of rules) {
        const unknown = wanted.find((one) => !sinks.some((sink) => sink.name === one));
        if (unknown !== undefined) {
          throw new UserError(
            `${file}: rule '${name}' is told to '${unknown}'; there are: ${sinks.map((sink) => sink.name).join(', ')}`,
          );
        }
      }
      print(`${rules.length} rules, ${sinks.length} sinks`);
    });
}

/** Whoever silences what nobody watches would take it for done. */
function requireAlert(folder: string, alert: string): void {
  checkRules(folder);
  const path = join(folder, RULES_FILE);
  const rules = parseRules(existsSync(path) ? readFileSync(path, 'utf8') : USUAL_RULES);
  const names = ['all', ...rules.map(({ name }) => name)];
  if (!names.includes(alert)) throw new UserError(`no rule is called '${alert}'; there are: ${names.join(', ')}`);
}

function give(name: FileCommand['command'], description: string): Command {
  const command = new Command(name)
    .description(description)
    .argument('<alert>', "name of the alert, or 'all'")
    .option('--folder <folder>', 'folder of the alerts of the engine that runs', FOLDER);
  if (name === 'silence') command.argument('<time>', 'how long, such as 30m or 2h', duration);
  return command.action((alert: string, ...rest: unknown[]) => {
    const { folder } = command.opts<{ folder: string }>();
    requireAlert(folder, alert);
    const given: FileCommand =
      name === 'silence' ? { command: name, alert, seconds: rest[0] as number } : { command: name, alert };
    giveCommand(folder, given);
    print(`written into ${folder}: an engine that runs there takes it within a second`);
  });
}

function historyCommand(): Command {
  return new Command('history')
    .description('changes of the alerts in a journal, oldest first')
    .argument('[journal]', 'folder of the journal', DEFAULT_JOURNAL)
    .option('--json', 'one JSON line each')
    .action(async (folder: string, options: { json?: boolean }) => {
      let reader: JournalReader;
      try {
        reader = new JournalReader(folder);
      } catch (error) {
        throw new UserError((error as Error).message);
      }
      const changes = changesOf(reader);
      await reader.close();
      if (options.json) {
        for (const change of changes) print(JSON.stringify(change));
        return;
      }
      process.stdout.write(
        formatTable(
          ['time', 'severity', 'state', 'alert', 'found', 'bound', 'rule'],
          changes.map(({ time, severity, state, alert, found, bound, rule }) => [
            time,
            severity,
            state,
            alert,
            found === null ? '-' : String(Number(found.toPrecision(6))),
            bound === null ? '-' : String(Number(bound.toPrecision(6))),
            rule,
          ]),
        ),
      );
    });
}

interface Change {
  position: number;
  time: string;
  alert: string;
  severity: string;
  state: string;
  before: string;
  found: number | null;
  bound: number | null;
  acknowledgedBy: number;
  silenced: boolean;
  rule: string;
}

function changesOf(reader: JournalReader): Change[] {
  const changes: Change[] = [];
  const record = new AlertChange();
  const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
  for (const block of reader.blocks(0)) {
    const buffer = new ViewBuffer(block.buffer, block.byteOffset, block.length);
    eachRecord(block, (offset) => {
      if (buffer.view.getUint16(offset + HeaderOffset.TYPE, true) !== MessageType.ALERT_CHANGE) return;
      const body = offset + HEADER_BYTES;
      record.__init(body, buffer);
      const { name, rule } = readChangeText(buffer, body);
      changes.push({
        position: buffer.view.getFloat64(offset + HeaderOffset.SEQ, true),
        time: new Date(buffer.view.getFloat64(offset + HeaderOffset.EVENT_TIME, true) / 1000).toISOString(),
        alert: name,
        severity: severities[record.severity() - 1] ?? '',
        state: alertStateNames[record.state() as 1] ?? '',
        before: alertStateNames[record.before() as 1] ?? '',
        found: finite(record.found()),
        bound: finite(record.bound()),
        acknowledgedBy: record.acknowledgedBy(),
        silenced: record.silenced() !== 0,
        rule,
      });
    });
  }
  return changes;
}

/** `volfilter alerts check|acknowledge|silence|unsilence|history`. */
export function alertsCommand(): Command {
  const command = new Command('alerts').description('check the rules of the alerts, answer alerts, look back at them');
  command.addCommand(checkCommand());
  command.addCommand(
    give('acknowledge', 'say that an alert has been seen: it is not told again until it has recovered'),
  );
  command.addCommand(give('silence', 'keep an alert from being told for a while'));
  command.addCommand(give('unsilence', 'end a silence'));
  command.addCommand(historyCommand());
  return command;
}
