import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { instructionsOf } from './dockerfile.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const instructions = instructionsOf(read('Dockerfile'));
const of = (name: string): string[] => instructions.filter((each) => each.name === name).map(({ rest }) => rest);

describe('the Dockerfile', () => {
  it('is made of instructions that are understood', () => {
    const known = 'ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL RUN STOPSIGNAL USER VOLUME WORKDIR'.split(
      ' ',
    );
    for (const { name } of instructions) expect(known).toContain(name);
  });

  it('begins with an image of one version, and ends as a user without rights', () => {
    const image = of('ARG').find((each) => each.startsWith('NODE_IMAGE='))!;
    expect(image).toMatch(/=node:\d+\.\d+\.\d+-[a-z]+-slim$/);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the Dockerfile's own variable.
    expect(of('FROM').map((each) => each.split(' ')[0])).toEqual(['${NODE_IMAGE}', '${NODE_IMAGE}']);
    expect(of('USER').at(-1)).toBe('node');
    const last = instructions.map(({ name }) => name).lastIndexOf('FROM');
    const changes = instructions.slice(instructions.findLastIndex(({ name }) => name === 'USER'));
    expect(last).toBeGreaterThan(0);
    expect(changes.filter(({ name }) => name === 'RUN' || name === 'COPY')).toEqual([]);
  });

  it('is told how it is in lists, not by a shell that would swallow signals', () => {
    for (const name of ['ENTRYPOINT', 'CMD'])
      for (const rest of of(name)) expect(JSON.parse(rest)).toBeInstanceOf(Array);
    expect(of('HEALTHCHECK')[0]).toMatch(/CMD \["node", /);
    expect(of('STOPSIGNAL')).toEqual(['SIGTERM']);
  });

  it('holds no secret and takes nothing from the network but packages', () => {
    for (const rest of [...of('ARG'), ...of('ENV')]) expect(rest).not.toMatch(/SECRET|TOKEN|KEY|PASSWORD/i);
    for (const rest of of('RUN')) expect(rest).not.toMatch(/curl|wget|apt-get|git clone|sudo/);
    expect(of('COPY').filter((rest) => /https?:/.test(rest))).toEqual([]);
  });

  it('ships what the package ships', () => {
    const { files } = JSON.parse(read('package.json')) as { files: string[] };
    const shipped = of('COPY').flatMap((rest) => rest.split(' ').slice(1, -1));
    for (const path of files) expect(shipped).toContain(`/app/${path}`);
  });

  it('is given everything that the build reads', () => {
    const given = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    for (const path of given) expect(existsSync(join(root, path)), path).toBe(true);
    const [, sources] = /sourceFolders = \[([^\]]*)\]/.exec(read('.ci/build.mjs'))!;
    for (const [, folder] of sources!.matchAll(/'(\w+)'/g)) expect(given).toContain(folder);
  });
});

interface Workflow {
  on: unknown;
  permissions: Record<string, string>;
  jobs: Record<
    string,
    { 'timeout-minutes': number; strategy?: { matrix: { node: number[] } }; steps: { uses?: string; run?: string }[] }
  >;
}

describe.each(readdirSync(join(root, '.github/workflows')))('the workflow %s', (file) => {
  const workflow = parse(read(`.github/workflows/${file}`)) as Workflow;
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);

  it('may read the sources and no more, but where a job says so', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    for (const job of Object.values(workflow.jobs)) expect(job['timeout-minutes']).toBeGreaterThan(0);
  });

  it('runs actions of a stated version, and scripts that there are', () => {
    const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts);
    for (const { uses, run = '' } of steps) {
      if (uses !== undefined) expect(uses).toMatch(/^[\w-]+\/[\w/-]+@v\d+(\.\d+)*$/);
      for (const [, script] of run.matchAll(/npm run ([\w:]+)/g)) expect(scripts).toContain(script);
      for (const [, path] of run.matchAll(/node (\.ci\/[\w.]+)/g))
        expect(existsSync(join(root, path!)), path).toBe(true);
      // Text of others in a script would be run.
      expect(run).not.toMatch(/\$\{\{ *github\.(event|head_ref)/);
    }
  });
});

describe('the tests on a change', () => {
  it('run on the Node of the manifest, on the one of the image, and on what lies between', () => {
    const { jobs } = parse(read('.github/workflows/test.yml')) as Workflow;
    const nodes = jobs.test!.strategy!.matrix.node;
    expect(nodes[0]).toBe(Number(/"node": ">=(\d+)/.exec(read('package.json'))![1]));
    expect(nodes.at(-1)).toBe(Number(/node:(\d+)\./.exec(read('Dockerfile'))![1]));
  });
});
