import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { DASHBOARDS } from '../deploy/grafana/dashboards.mjs';
import { EngineStateCode } from '../engine/runtime/supervision/engine-state.js';
import { Exposition } from '../gateway/metrics/exposition.js';
import { GatewayDesk } from '../gateway/testing/gateway-desk.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const RULES = join(root, 'deploy/prometheus/rules.yml');
const isInstalled = spawnSync('promtool', ['--version']).status === 0;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'volfilter-prometheus-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Prometheus's own tool on a file. */
function promtool(words: readonly string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('promtool', words, { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

interface Case {
  series: Record<string, string>;
  fires: number;
  over: number;
  /** Of the series, where a minute is too long. */
  interval?: string;
}

/**
 * What each alert is about: series by the minute as promtool writes them, the minute at which it fires, and the minute at which it is over
 * again. `1x5 0x9` is five more minutes of the first and nine more of the second.
 */
const CASES: Record<string, Case> = {
  VolfilterDown: { series: { 'up{job="volfilter"}': '0x4 1x9' }, fires: 3, over: 8 },
  VolfilterKilled: { series: { volfilter_engine_killed: '1x4 0x9' }, fires: 3, over: 8 },
  VolfilterHalted: {
    series: { 'volfilter_engine_state{state="halted"}': '0x9', 'volfilter_risk_state{state="halted"}': '1x4 0x9' },
    fires: 3,
    over: 8,
  },
  VolfilterThreadDead: { series: { 'volfilter_thread_alive{thread="feed"}': '0x4 1x9' }, fires: 3, over: 8 },
  VolfilterFeedDown: { series: { 'volfilter_feed_connections{feed="0"}': '0x4 1x9' }, fires: 3, over: 8 },
  VolfilterFeedGaps: { series: { 'volfilter_feed_gaps_open{feed="0"}': '2x4 0x9' }, fires: 3, over: 8 },
  VolfilterFeedSilent: {
    series: { 'volfilter_feed_messages_total{feed="0"}': '5x30 6+60x60' },
    fires: 4,
    over: 12,
    interval: '10s',
  },
  VolfilterStreamFilling: {
    series: {
      'volfilter_stream_waiting_bytes{stream="log",reader="book"}': '600x4 1x9',
      'volfilter_stream_capacity_bytes{stream="log"}': '1000x20',
    },
    fires: 3,
    over: 8,
  },
  VolfilterStreamFull: { series: { 'volfilter_stream_full_total{stream="log"}': '0+1x8 8x60' }, fires: 4, over: 30 },
  VolfilterSlowHop: {
    series: {
      'volfilter_actor_waiting_seconds_bucket{actor="book",le="0.01"}': '0x20 100+1000x20',
      'volfilter_actor_waiting_seconds_bucket{actor="book",le="0.1"}': '0+100x20 2100+1000x20',
      'volfilter_actor_waiting_seconds_bucket{actor="book",le="+Inf"}': '0+100x20 2100+1000x20',
    },
    fires: 12,
    over: 35,
  },
  VolfilterJournalBehind: {
    series: {
      volfilter_journal_committed_position: '500000x20',
      volfilter_journal_synced_position: '1x4 500000x9',
    },
    fires: 4,
    over: 8,
  },
  VolfilterNotReady: { series: { 'volfilter_trading_state{state="ready"}': '0x4 1x9' }, fires: 4, over: 8 },
  VolfilterUnknownRequests: { series: { 'volfilter_requests{state="unknown"}': '1x4 0x9' }, fires: 3, over: 8 },
  VolfilterFillsMissing: { series: { volfilter_fills_missing: '1x4 0x9' }, fires: 3, over: 8 },
  VolfilterTieOutDiffers: {
    series: { 'volfilter_tie_out_differs{currency="BTC"}': '1x4 0x9' },
    fires: 3,
    over: 8,
  },
  VolfilterCreditsLow: {
    series: { 'volfilter_credits{kind="matching"}': '5x4 90x9', 'volfilter_credits_burst{kind="matching"}': '100x20' },
    fires: 4,
    over: 8,
  },
  VolfilterQuotesDown: {
    series: {
      'volfilter_quotes_two_sided{underlying="BTC"}': '80x6 99x9',
      'volfilter_quotes_due{underlying="BTC"}': '100x20',
    },
    fires: 5,
    over: 10,
  },
  VolfilterSurfaceOld: {
    series: { 'volfilter_surface_age_seconds{underlying="BTC",expiry="2026-12-25"}': '400x4 1x9' },
    fires: 4,
    over: 8,
  },
  VolfilterLimitNear: {
    series: { 'volfilter_limit_use_ratio{underlying="BTC",limit="vega"}': '0.95x4 0.5x9' },
    fires: 3,
    over: 8,
  },
  VolfilterClientsLagging: { series: { volfilter_gateway_clients_lagging: '1x6 0x9' }, fires: 5, over: 10 },
  VolfilterStoreBehind: { series: { volfilter_store_lag_seconds: '90x4 1x9' }, fires: 4, over: 8 },
  VolfilterOutsideLeftAlone: {
    series: { 'volfilter_outside_state{call="traces",state="open"}': '1x4 0x9' },
    fires: 4,
    over: 8,
  },
};

describe('the alerts', () => {
  const rules = (parse(readFileSync(RULES, 'utf8')) as { groups: { rules: { alert: string }[] }[] }).groups[0]!.rules;

  it('have each a course of events in which it fires and is over again', () => {
    expect(Object.keys(CASES)).toEqual(rules.map(({ alert }) => alert));
  });

  it.skipIf(!isInstalled)('are what Prometheus takes', () => {
    const { status, output } = promtool(['check', 'rules', RULES]);
    expect(output).toContain(`SUCCESS: ${rules.length} rules found`);
    expect(status).toBe(0);
  });

  it.skipIf(!isInstalled)('fire and resolve in their course of events', () => {
    const path = join(folder, 'alerts.yml');
    const tests = Object.entries(CASES).map(([name, { series, fires, over, interval = '1m' }]) => {
      const count = `count(ALERTS{alertname="${name}",alertstate="firing"}) or vector(0)`;
      const at = (minute: number, value: number) => ({
        expr: count,
        eval_time: `${minute}m`,
        exp_samples: [{ labels: '{}', value }],
      });
      return {
        interval,
        name,
        input_series: Object.entries(series).map(([each, values]) => ({ series: each, values })),
        promql_expr_test: [at(fires, 1), at(over, 0)],
      };
    });
    // JSON is YAML.
    writeFileSync(path, JSON.stringify({ rule_files: [RULES], evaluation_interval: '30s', tests }));
    const { status, output } = promtool(['test', 'rules', path]);
    expect(output).toContain('SUCCESS');
    expect(status).toBe(0);
  });

  it.skipIf(!isInstalled)('and the queries of the dashboards are PromQL', () => {
    const queries = DASHBOARDS.flatMap(({ rows }) => rows.flat()).flatMap((panel) =>
      panel.queries.map(([each]) => each),
    );
    const plain = queries.map((each) => each.replaceAll('$__rate_interval', '1m').replace(/\$\w+/g, '.*'));
    const path = join(folder, 'queries.yml');
    const asRules = plain.map((expr, place) => ({ record: `query:${place}`, expr }));
    writeFileSync(path, JSON.stringify({ groups: [{ name: 'queries', rules: asRules }] }));
    const { status, output } = promtool(['check', 'rules', '--lint=none', path]);
    expect(output).toContain(`SUCCESS: ${plain.length} rules found`);
    expect(status).toBe(0);
  });
});

describe.skipIf(!isInstalled)('a Prometheus', () => {
  const desk = new GatewayDesk();
  const exposition = new Exposition({ board: desk.board, topics: desk.topics, own: desk.own });
  let scraped: Server;
  let prometheus: ReturnType<typeof spawn> | undefined;
  let address = '';

  beforeAll(async () => {
    scraped = createServer((_, response) => {
      void exposition.text().then((text) => response.setHeader('content-type', exposition.contentType).end(text));
    });
    const target = await listen(scraped);
    const own = createServer();
    const port = await listen(own);
    await new Promise((closed) => own.close(closed));
    address = `http://127.0.0.1:${port}`;
    const shipped = readFileSync(join(root, 'deploy/prometheus/prometheus.yml'), 'utf8');
    // As it is shipped, but faster, here, and without the token's file.
    const config = shipped
      .replaceAll(/(_interval): 5s/g, '$1: 200ms')
      .replace('- rules.yml', `- ${RULES}`)
      .replace('127.0.0.1:8790', `127.0.0.1:${target}`)
      .replace(/ {4}authorization:\n(?: {6}.*\n)+/, '');
    writeFileSync(join(folder, 'prometheus.yml'), config);
    prometheus = spawn(
      'prometheus',
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: 'ignore' },
    );
  });
  afterAll(async () => {
    prometheus?.kill('SIGKILL');
    await new Promise((closed) => prometheus?.once('exit', closed) ?? closed(undefined));
    scraped.closeAllConnections();
    await new Promise((closed) => scraped.close(closed));
  });

  /** Asks until the answer is as it should be. */
  async function becomes(path: string, isRight: (data: string) => boolean): Promise<string> {
    for (let last = ''; ; ) {
      last = await fetch(address + path).then(
        (response) => response.text(),
        () => last,
      );
      if (isRight(last)) return last;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  const alerts = '/api/v1/query?query=ALERTS%7Balertname%3D%22VolfilterHalted%22%7D';

  it('scrapes the engine, and sees that it is halted, and that it is no longer', async () => {
    await becomes('/api/v1/targets', (text) => text.includes('"health":"up"'));
    desk.board.state = EngineStateCode.HALTED;
    await becomes(alerts, (text) => text.includes('"alertstate":"firing"'));
    desk.board.state = EngineStateCode.ACTIVE;
    await becomes(alerts, (text) => text.includes('"result":[]'));
    const count = await becomes('/api/v1/query?query=count(%7Bjob%3D%22volfilter%22%7D)', (text) =>
      text.includes('value'),
    );
    expect(JSON.parse(count)).toMatchObject({ status: 'success' });
  }, 60_000);
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return (server.address() as { port: number }).port;
}
