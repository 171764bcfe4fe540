import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'deploy/compose');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Service {
  image: string;
  build?: { context: string };
  network_mode?: string;
  ports?: string[];
  volumes?: string[];
  command?: string[];
  depends_on?: string[];
  environment?: Record<string, string>;
  env_file?: string | { path: string; required: boolean }[];
}

const text = read('deploy/compose/compose.yml');
const { services, volumes } = parse(text) as { services: Record<string, Service>; volumes: Record<string, null> };

/** Host and container side of what a service mounts. */
const mountsOf = ({ volumes: mounts = [] }: Service): (readonly [string, string])[] =>
  mounts.map((mount) => mount.split(':') as unknown as readonly [string, string]);

describe('the compose file', () => {
  it('has the engine and all that watches over it', () => {
    expect(Object.keys(services).sort()).toEqual(['engine', 'glitchtip', 'grafana', 'postgres', 'prometheus', 'redis']);
  });

  it.each(Object.entries(services))(
    '%s mounts what there is, or what the head of the file says to make',
    (_, service) => {
      for (const [host] of mountsOf(service)) {
        if (!host.startsWith('.')) expect(Object.keys(volumes)).toContain(host);
        else if (!existsSync(resolve(folder, host))) expect(text.split('\nname:')[0]).toContain(host.replace('./', ''));
      }
      for (const other of service.depends_on ?? []) expect(Object.keys(services)).toContain(other);
      if (typeof service.env_file === 'string') expect(text.split('\nname:')[0]).toContain(service.env_file);
    },
  );

  it('uses every volume that it names, and images of one version', () => {
    const mounted = Object.values(services).flatMap((service) => mountsOf(service).map(([host]) => host));
    for (const volume of Object.keys(volumes)) expect(mounted).toContain(volume);
    for (const { image, build } of Object.values(services))
      if (build === undefined) expect(image).toMatch(/:v?\d+\.?[\w.-]*$/);
  });

  it('is reached on the loopback interface alone', () => {
    for (const { ports = [] } of Object.values(services))
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    expect(services.prometheus!.command).toContain('--web.listen-address=127.0.0.1:9090');
    expect(services.grafana!.environment).toMatchObject({ GF_SERVER_HTTP_ADDR: '127.0.0.1' });
  });

  it('gives Prometheus its configuration, its rules and its token where it looks for them', () => {
    const places = mountsOf(services.prometheus!).map(([, place]) => place);
    const { rule_files: rules, scrape_configs: scrapes } = parse(read('deploy/prometheus/prometheus.yml')) as {
      rule_files: string[];
      scrape_configs: { authorization: { credentials_file: string } }[];
    };
    const [config] = services.prometheus!.command!.flatMap((word) => /^--config\.file=(.*)$/.exec(word)?.[1] ?? []);
    expect(places).toContain(config);
    for (const rule of rules) expect(places).toContain(join(dirname(config!), rule));
    for (const { authorization } of scrapes) expect(places).toContain(authorization.credentials_file);
  });

  it('gives Grafana its dashboards where they are provisioned from, and the source that they ask', () => {
    const places = mountsOf(services.grafana!).map(([, place]) => place);
    const { providers } = parse(read('deploy/grafana/provisioning/dashboards/volfilter.yml')) as {
      providers: { options: { path: string } }[];
    };
    for (const { options } of providers) expect(places).toContain(options.path);
    const { datasources } = parse(read('deploy/grafana/provisioning/datasources/prometheus.yml')) as {
      datasources: { type: string; url: string; isDefault: boolean }[];
    };
    expect(datasources).toMatchObject([{ url: 'http://127.0.0.1:9090', isDefault: true }]);
    // Panels ask the source that is chosen above them, among those of its kind.
    const { templating } = JSON.parse(read('deploy/grafana/dashboards/engine.json')) as {
      templating: { list: { name: string; type: string; query: string }[] };
    };
    expect(templating.list).toContainEqual(
      expect.objectContaining({ name: 'datasource', type: 'datasource', query: datasources[0]!.type }),
    );
  });

  it('keeps the volume of the engine where its image does', () => {
    const kept = /^VOLUME (\S+)$/m.exec(read('Dockerfile'))![1];
    expect(mountsOf(services.engine!)).toContainEqual(['engine', kept]);
  });
});
