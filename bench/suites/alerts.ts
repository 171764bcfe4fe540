import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { freePort } from '../../engine/testing/free-port.js';
import { projectRoot } from '../../engine/testing/project-root.js';
import { Output, until, VenueRig } from '../prove/processes/venue-rig.js';
import type { BenchSuite } from '../report.js';

const WITHIN_MS = 180_000;
/** What has to be told of a venue that stands still: which of them comes first depends on whether its host still takes connections. */
const EXPECTED = ['VolfilterFeedDown', 'VolfilterFeedSilent', 'VolfilterNotReady'];
const connection = z.object({ url: z.string(), token: z.string() });
const answer = z.object({
  data: z.object({ result: z.array(z.object({ metric: z.record(z.string(), z.string()) })) }),
});

/** Those of the alerts that are about the venue. */
function told(firing: ReadonlySet<string>): string[] {
  return EXPECTED.filter((name) => firing.has(name));
}

/** Debian's Prometheus with the rules and the scrape configuration that are shipped, faster, on a running engine. */
class Watch {
  readonly #process: ChildProcess;
  readonly #address: string;

  private constructor(process: ChildProcess, address: string) {
    this.#process = process;
    this.#address = address;
  }

  static async over(folder: string, target: string, token: string): Promise<Watch> {
    if (spawnSync('prometheus', ['--version']).status !== 0) {
      throw new Error("there is no Prometheus on this machine: install Debian's package 'prometheus'");
    }
    const port = await freePort();
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, token, { mode: 0o600 });
    const shipped = join(projectRoot(), 'deploy/prometheus');
    const config = readFileSync(join(shipped, 'prometheus.yml'), 'utf8')
      .replaceAll(/(_interval): 5s/g, '$1: 500ms')
      .replace('- rules.yml', `- ${join(shipped, 'rules.yml')}`)
      .replace('127.0.0.1:8790', target)
      .replace('/etc/prometheus/volfilter.token', tokenFile);
    writeFileSync(join(folder, 'prometheus.yml'), config);
    const process = spawn(
      'prometheus',
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'metrics')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: 'ignore' },
    );
    return new Watch(process, `http://127.0.0.1:${port}`);
  }

  /** Names of the alerts that fire. */
  async firing(): Promise<Set<string>> {
    return new Set((await this.#ask('ALERTS{alertstate="firing"}')).map(({ alertname = '' }) => alertname));
  }

  async scrapes(): Promise<boolean> {
    return (await this.#ask('up{job="volfilter"} == 1')).length > 0;
  }

  async isFed(): Promise<boolean> {
    return (await this.#ask('volfilter_feed_connections > 0')).length > 0;
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGKILL');
    await ended;
  }

  async #ask(query: string): Promise<Record<string, string>[]> {
    try {
      const response = await fetch(`${this.#address}/api/v1/query?query=${encodeURIComponent(query)}`);
      return answer.parse(await response.json()).data.result.map(({ metric }) => metric);
    } catch {
      return [];
    }
  }
}

const STILLS = 2;

/** Alerts of a running engine, with the rules that are shipped: a venue stands still, as after a failure of its host, while the engine follows it, and goes on again. */
export const suite: BenchSuite = async (progress) => {
  const folder = mkdtempSync(join(tmpdir(), 'volfilter-alerts-'));
  const venue = new VenueRig(folder, 1);
  let engine: Output | undefined;
  let watch: Watch | undefined;
  const [fired, over]: [number[], number[]] = [[], []];
  const names = new Set<string>();
  try {
    await venue.start();
    const port = await freePort();
    engine = new Output([
      ...[
        'run',
        '--feed',
        `venue=${venue.url}`,
        '--venue-keys',
        venue.keysFile,
        '--port',
        String(port),
        '--no-journal',
      ],
      ...['--gateway', join(folder, 'gateway'), '--no-log', '--no-alerts'],
    ]);
    const { url, token } = await until(
      'the start of the gateway',
      () => {
        try {
          return connection.parse(JSON.parse(readFileSync(join(folder, 'gateway/connection.json'), 'utf8')));
        } catch {
          return undefined;
        }
      },
      WITHIN_MS,
    );
    watch = await Watch.over(folder, new URL(url).host, token);
    const prometheus = watch;
    const calm = async (): Promise<true | undefined> =>
      (await prometheus.scrapes()) && told(await prometheus.firing()).length === 0 ? true : undefined;
    await until('a scrape', calm, WITHIN_MS);
    await until('a feed that is up', async () => ((await prometheus.isFed()) ? true : undefined), WITHIN_MS);
    for (let still = 1; still <= STILLS; still++) {
      let from = performance.now();
      venue.freeze();
      try {
        await until(
          'an alert that the venue is gone',
          async () => {
            const all = await prometheus.firing();
            for (const name of all) names.add(name);
            return told(all).length > 0 ? true : undefined;
          },
          WITHIN_MS,
        );
        fired.push((performance.now() - from) / 1000);
      } finally {
        from = performance.now();
        venue.thaw();
      }
      await until('the end of the alert', calm, WITHIN_MS);
      over.push((performance.now() - from) / 1000);
      progress(`${still} of ${STILLS}: the alert came and went`);
    }
    return [
      {
        name: 'from the standstill to the alert',
        unit: 's',
        value: Math.max(...fired),
        note: 'longest; the rule waits 15 s',
      },
      {
        name: 'from its end to the end of the alert',
        unit: 's',
        value: Math.max(...over),
        note: `longest; fired: ${[...names].sort().join(', ')}`,
      },
    ];
  } finally {
    await watch?.close();
    engine?.child.kill('SIGTERM');
    await engine?.ended;
    await venue.close();
    rmSync(folder, { recursive: true, force: true });
  }
};
