import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { asGrafana, DASHBOARDS } from '../deploy/grafana/dashboards.mjs';
import { FAMILIES } from '../gateway/metrics/exposition.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** What a query may name of a family: histograms have three names. */
const series = new Map(
  FAMILIES.flatMap(({ name, type, labels }) =>
    type === 'histogram'
      ? ['_bucket', '_sum', '_count'].map((end) => [name + end, labels] as const)
      : [[name, labels] as const],
  ),
);

describe.each(DASHBOARDS)('the dashboard $title', (dashboard) => {
  const panels = dashboard.rows.flat();
  const queries = panels.flatMap((panel) => panel.queries.map(([expression]) => expression));

  it('is written as it is thought of', () => {
    const written: unknown = JSON.parse(read(`deploy/grafana/dashboards/${dashboard.file}.json`));
    expect(written).toEqual(asGrafana(dashboard));
  });

  it.each(queries)('%s asks for metrics that there are, by labels that they have', (query) => {
    const names = [...query.matchAll(/\b(?:volfilter|process|nodejs|scrape)_\w+|\bup\b/g)].map(([name]) => name);
    expect(names.length).toBeGreaterThan(0);
    for (const name of names.filter((each) => each.startsWith('volfilter_'))) {
      expect([...series.keys()]).toContain(name);
    }
    for (const [, name, labels] of query.matchAll(/\b(volfilter_\w+)\{([^}]*)\}/g)) {
      for (const [, label] of labels!.matchAll(/(\w+)=/g)) expect(series.get(name!), name).toContain(label);
    }
  });

  it('names its lines by labels that its metrics have', () => {
    for (const [query, legend] of panels.flatMap((panel) => panel.queries)) {
      const labels = [...query.matchAll(/volfilter_\w+/g)].flatMap(([name]) => series.get(name) ?? []);
      for (const [, label] of legend.matchAll(/\{\{(\w+)\}\}/g)) expect(labels, query).toContain(label);
    }
  });

  it('asks for each of its variables what there is', () => {
    for (const query of Object.values(dashboard.variables ?? {})) {
      const [, metric, label] = /^label_values\((\w+), (\w+)\)$/.exec(query)!;
      expect(series.get(metric!)).toContain(label);
    }
    const used = new Set(queries.flatMap((query) => [...query.matchAll(/\$(?!__)(\w+)/g)].map(([, name]) => name)));
    expect([...used].sort()).toEqual(Object.keys(dashboard.variables ?? {}).sort());
  });
});

describe('the dashboards', () => {
  it('are all there is in their folder, and show every metric that there is', () => {
    expect(readdirSync(join(root, 'deploy/grafana/dashboards')).sort()).toEqual(
      DASHBOARDS.map(({ file }) => `${file}.json`).sort(),
    );
    const all = DASHBOARDS.flatMap(({ rows }) => rows.flat())
      .flatMap((panel) => panel.queries.map(([query]) => query))
      .join(' ');
    const shown = new Set(all.match(/volfilter_\w+/g)!.map((name) => name.replace(/_(bucket|sum|count)$/, '')));
    expect(FAMILIES.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
  });

  it('do not lie over each other', () => {
    for (const dashboard of DASHBOARDS) {
      const taken = new Set<string>();
      for (const { gridPos } of asGrafana(dashboard).panels) {
        expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
            expect(taken.has(`${x} ${y}`)).toBe(false);
            taken.add(`${x} ${y}`);
          }
        }
      }
    }
  });
});

interface Service {
  image: string;
  network_mode?: string;
  read_only?: boolean;
  volumes?: string[];
  ports?: string[];
  depends_on?: string[];
  stop_grace_period?: string;
  cap_drop?: string[];
}

describe('the compose file', () => {
  const compose = parse(read('deploy/compose/compose.yml')) as {
    services: Record<string, Service>;
    volumes: Record<string, unknown>;
  };
  const services = Object.entries(compose.services);

  it('has the engine and all that watches over it', () => {
    expect(Object.keys(compose.services)).toEqual([
      ...['engine', 'prometheus', 'grafana', 'glitchtip', 'postgres', 'redis'],
    ]);
  });

  it.each(services)(
    'mounts into %s what is there, or what an operator puts there',
    (_, { volumes = [], depends_on = [] }) => {
      for (const volume of volumes) {
        const [from] = volume.split(':');
        if (!from!.startsWith('.')) expect(compose.volumes).toHaveProperty(from!);
        else if (from !== './volfilter.token') expect(existsSync(join(root, 'deploy/compose', from!)), from).toBe(true);
      }
      for (const name of depends_on) expect(compose.services).toHaveProperty(name);
    },
  );

  it.each(services)('lets nobody from outside reach %s', (name, { ports = [], network_mode }) => {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    if (network_mode === 'host') expect(['engine', 'prometheus', 'grafana']).toContain(name);
    expect(read('deploy/compose/compose.yml')).toContain('--web.listen-address=127.0.0.1:9090');
    expect(read('deploy/compose/compose.yml')).toContain('GF_SERVER_HTTP_ADDR: 127.0.0.1');
  });

  it('runs the engine without rights, and gives it the time to end in order', () => {
    expect(compose.services.engine).toMatchObject({ read_only: true, cap_drop: ['ALL'], stop_grace_period: '30s' });
  });

  it.each(services.filter(([name]) => name !== 'engine'))('names the version of %s', (_, { image }) => {
    expect(image).toMatch(/:v?\d+[\d.]*(-alpine)?$/);
  });

  it('has dashboards where Grafana looks for them', () => {
    const provider = parse(read('deploy/grafana/provisioning/dashboards/volfilter.yml')) as {
      providers: { options: { path: string } }[];
    };
    const path = provider.providers[0]!.options.path;
    expect(compose.services.grafana!.volumes).toContain(`../grafana/dashboards:${path}:ro`);
    const source = parse(read('deploy/grafana/provisioning/datasources/prometheus.yml')) as {
      datasources: { url: string }[];
    };
    expect(source.datasources[0]!.url).toBe('http://127.0.0.1:9090');
  });
});
