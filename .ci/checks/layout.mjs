// Messages are structs that are read and written in place: no byte of them may be implicit padding, because what a
// struct's bytes are is what is hashed, journalled and compared. And every field says its unit and meaning on its line.
import { readSources } from './sources.mjs';

export const title = 'layout of messages';

/** Sizes of the scalar types in bytes, under both of their names. @type {Map<string, number>} */
const SCALARS = new Map(
  Object.entries({
    ...{ bool: 1, byte: 1, ubyte: 1, int8: 1, uint8: 1 },
    ...{ short: 2, ushort: 2, int16: 2, uint16: 2 },
    ...{ int: 4, uint: 4, float: 4, int32: 4, uint32: 4, float32: 4 },
    ...{ long: 8, ulong: 8, double: 8, int64: 8, uint64: 8, float64: 8 },
  }),
);

const DECLARATION = /^\s*(struct|table|enum|union)\s+(\w+)\s*(?::\s*(\w+))?[^{]*\{/;
const FIELD = /^\s*(\w+)\s*:\s*([\w.]+|\[\s*[\w.]+\s*\])\s*(?:=\s*[^;()]+)?(?:\([^)]*\))?\s*;\s*(\/\/\s*(.*))?$/;

/** @typedef {{ size: number, alignment: number }} Shape */

/** @param {string} line without a comment at its end */
function codeOf(line) {
  return line.replace(/\/\/.*$/, '');
}

/**
 * What is wrong in the layouts of these schemas.
 * @param {import('./sources.mjs').Source[]} sources in an order in which a type stands before its use
 * @returns {import('./sources.mjs').Problem[]}
 */
export function inspect(sources) {
  /** @type {import('./sources.mjs').Problem[]} */
  const problems = [];
  /** @type {Map<string, Shape>} */
  const shapes = new Map([...SCALARS].map(([name, size]) => [name, { size, alignment: size }]));

  for (const { path, text } of sources) {
    /** @type {{ kind: string, name: string, line: number, size: number, alignment: number } | undefined} */
    let open;
    text.split('\n').forEach((content, index) => {
      const line = index + 1;
      /** @param {string} message */
      const report = (message) => problems.push({ path, line, message });
      const declaration = DECLARATION.exec(content);
      if (declaration !== null) {
        const [, kind = '', name = '', base] = declaration;
        open = { kind, name, line, size: 0, alignment: 1 };
        if (kind === 'enum') shapes.set(name, shapes.get(base ?? 'ubyte') ?? { size: 1, alignment: 1 });
      }
      if (open === undefined) return;
      if (open.kind === 'struct' || open.kind === 'table') {
        const body = declaration === null ? content : content.slice(content.indexOf('{') + 1);
        const field = FIELD.exec(body.replace(/\}\s*$/, ''));
        if (field !== null) {
          const [, name = '', type = '', , comment = ''] = field;
          if (comment.trim() === '')
            report(`${open.name}.${name} says neither unit nor meaning: add a comment on its line`);
          if (open.kind === 'struct') place(open, name, type, shapes, report);
        } else if (codeOf(body).includes(':')) {
          report(`cannot read this field: write one field a line, as in "price: float64; // venue's unit"`);
        }
      }
      if (codeOf(content).includes('}')) {
        if (open.kind === 'struct')
          close(open, shapes, (message) => problems.push({ path, line: open?.line ?? line, message }));
        open = undefined;
      }
    });
  }
  return problems;
}

/**
 * Places the next field of a struct.
 * @param {{ name: string, size: number, alignment: number }} struct
 * @param {string} name @param {string} type @param {Map<string, Shape>} shapes
 * @param {(message: string) => void} report
 */
function place(struct, name, type, shapes, report) {
  const shape = shapes.get(type.split('.').at(-1) ?? type);
  if (shape === undefined) {
    report(`${struct.name}.${name}: '${type}' is not a type of fixed size that is declared before`);
    return;
  }
  const gap = -struct.size & (shape.alignment - 1);
  if (gap !== 0)
    report(`${struct.name}.${name} stands at byte ${struct.size}: ${gap} bytes of implicit padding come before it`);
  struct.size += gap + shape.size;
  struct.alignment = Math.max(struct.alignment, shape.alignment);
}

/**
 * @param {{ name: string, size: number, alignment: number }} struct
 * @param {Map<string, Shape>} shapes
 * @param {(message: string) => void} report
 */
function close(struct, shapes, report) {
  const gap = -struct.size & (struct.alignment - 1);
  if (gap !== 0) report(`${struct.name} ends at byte ${struct.size}: ${gap} bytes of implicit padding follow it`);
  shapes.set(struct.name, { size: struct.size + gap, alignment: struct.alignment });
}

/** @param {string} root */
export function check(root) {
  return inspect(includedFirst(readSources(root, (path) => /^schemas\/[^/]+\.fbs$/.test(path))));
}

/**
 * Orders schemas so that each stands after those that it includes.
 * @param {import('./sources.mjs').Source[]} sources
 */
function includedFirst(sources) {
  const byName = new Map(sources.map((source) => [source.path.split('/').at(-1), source]));
  /** @type {Set<import('./sources.mjs').Source>} */
  const ordered = new Set();
  /** @param {import('./sources.mjs').Source} source */
  const visit = (source) => {
    for (const [, name] of source.text.matchAll(/^\s*include\s+"([^"]+)"/gm)) {
      const included = byName.get(name);
      if (included !== undefined && !ordered.has(included)) visit(included);
    }
    ordered.add(source);
  };
  for (const source of sources) visit(source);
  return [...ordered];
}
