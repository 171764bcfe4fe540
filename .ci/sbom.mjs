// Writes the bill of materials of what is shipped, in CycloneDX's format, to dist/sbom.cdx.json: what npm knows, without what only this machine is.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { argv, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { installed } from './dependencies.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const PUBLIC_REGISTRY = 'https://registry.npmjs.org/';

/**
 * A component with the address of the public registry or none: a mirror is nobody else's affair.
 * @param {{ externalReferences?: { type: string, url: string }[] }} component
 */
export function withoutMirror({ externalReferences = [], ...component }) {
  const kept = externalReferences.filter(({ type, url }) => type !== 'distribution' || url.startsWith(PUBLIC_REGISTRY));
  return { ...component, ...(kept.length === 0 ? {} : { externalReferences: kept }) };
}

/** A component's name and version. @param {{ purl: string }} component */
function nameOf({ purl }) {
  return decodeURIComponent(purl)
    .replace(/^pkg:npm\//, '')
    .replace(/\?.*/, '');
}

/**
 * The bill of materials of an installed project. npm's own way to leave out what is for development leaves out packages that both need; so they
 * are left out here, by the lock file.
 * @param {string} folder
 */
export function billOfMaterials(folder) {
  const { stdout, stderr, status } = spawnSync('npm', ['sbom', '--sbom-format', 'cyclonedx'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`npm sbom: ${stderr.trim()}`);
  const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const shipped = installed(folder).filter(({ isForDevelopment }) => !isForDevelopment);
  const wanted = new Set(shipped.map((each) => `${each.name}@${each.version}`));
  const bill = JSON.parse(stdout);
  // npm takes the folder's name.
  bill.metadata.component = withoutMirror({ ...bill.metadata.component, name, type: 'application' });
  bill.components = bill.components
    .filter((/** @type {{ purl: string }} */ each) => wanted.has(nameOf(each)))
    .map(withoutMirror);
  const kept = new Set(bill.components.map((/** @type {{ 'bom-ref': string }} */ each) => each['bom-ref']));
  kept.add(bill.metadata.component['bom-ref']);
  bill.dependencies = bill.dependencies
    .filter((/** @type {{ ref: string }} */ { ref }) => kept.has(ref))
    .map((/** @type {{ ref: string, dependsOn?: string[] }} */ { ref, dependsOn = [] }) => ({
      ref,
      dependsOn: dependsOn.filter((each) => kept.has(each)),
    }));
  const listed = new Set(bill.components.map(nameOf));
  return { bill, missing: [...wanted].filter((each) => !listed.has(each)) };
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const { bill, missing } = billOfMaterials(root);
  for (const each of missing) console.error(`sbom: ${each} is shipped and not listed`);
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(join(root, 'dist', 'sbom.cdx.json'), `${JSON.stringify(bill, null, 2)}\n`);
  console.log(`dist/sbom.cdx.json: ${bill.components.length} components`);
  exit(missing.length === 0 ? 0 : 1);
}
