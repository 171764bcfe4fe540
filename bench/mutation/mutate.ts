/** A node of a syntax tree in the ESTree form, as the bundler's parser gives it. */
export interface SyntaxNode {
  type: string;
  start: number;
  end: number;
}

/** One small change of a source: what stood there, and what stands there instead. */
export interface Mutant {
  /** Number among the mutants of all sources. */
  number: number;
  line: number;
  original: string;
  changed: string;
}

/** What each operator becomes: bounds by one, comparisons and signs to their opposites. */
const OPERATORS: Readonly<Record<string, readonly string[]>> = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '&': ['|'],
  '|': ['&'],
  '&&': ['||'],
  '||': ['&&'],
  '<<': ['>>'],
};
const ASSIGNMENTS: Readonly<Record<string, string>> = { '+=': '-=', '-=': '+=', '|=': '&=', '&=': '|=', '*=': '/=' };
/** What a mutated source asks of its surroundings: whether this mutant is the one that is alive now. */
export const ALIVE = 'globalThis.__isMutant';

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const found = Object.values(node).flatMap((value: unknown) => (Array.isArray(value) ? value : [value]));
  return found.filter(isNode).sort((left, right) => left.start - right.start);
}

type Fields = SyntaxNode & Record<string, unknown>;

/** Puts all mutants of a source into it, each behind a question which of them is alive. One source is then good for all of them. */
export class Mutator {
  readonly mutants: Mutant[] = [];
  private readonly code: string;
  private readonly first: number;

  /** @param first number of the first mutant */
  constructor(code: string, first: number) {
    this.code = code;
    this.first = first;
  }

  source(program: SyntaxNode): string {
    return this.render(program);
  }

  private text({ start, end }: SyntaxNode): string {
    return this.code.slice(start, end);
  }

  private add(node: SyntaxNode, original: string, changed: string): number {
    const number = this.first + this.mutants.length;
    const line = this.code.slice(0, node.start).split('\n').length;
    this.mutants.push({ number, line, original, changed });
    return number;
  }

  private render(node: SyntaxNode): string {
    let text = '';
    let at = node.start;
    for (const child of childrenOf(node)) {
      // Shorthand properties and exports have the same node twice.
      if (child.start < at) continue;
      text += this.code.slice(at, child.start) + this.render(child);
      at = child.end;
    }
    text += this.code.slice(at, node.end);
    return this.wrapped(node as Fields, text);
  }

  /** The rendered text of a node with the node's own mutants around it. */
  private wrapped(node: Fields, text: string): string {
    const original = this.text(node);
    const changes = this.changesOf(node);
    if (node.type === 'ExpressionStatement' && isRemovable(node)) {
      // In braces of its own: an else behind it belongs to the condition before it.
      return `{if(!${ALIVE}(${this.add(node, original, '(nothing)')})){${text}}}`;
    }
    let whole = text;
    for (const changed of changes) whole = `(${ALIVE}(${this.add(node, original, changed)})?${changed}:${whole})`;
    return whole === text ? text : whole;
  }

  private changesOf(node: Fields): string[] {
    const { type } = node;
    if (type === 'BinaryExpression' || type === 'LogicalExpression') {
      const { left, right, operator } = node as Fields & { left: SyntaxNode; right: SyntaxNode; operator: string };
      return (OPERATORS[operator] ?? []).map((other) => `((${this.text(left)}) ${other} (${this.text(right)}))`);
    }
    if (type === 'AssignmentExpression') {
      const { left, right, operator } = node as Fields & { left: SyntaxNode; right: SyntaxNode; operator: string };
      const other = ASSIGNMENTS[operator];
      return other === undefined ? [] : [`(${this.text(left)} ${other} ${this.text(right)})`];
    }
    if (type === 'UnaryExpression' && node.operator === '!') return [`(${this.text(node.argument as SyntaxNode)})`];
    if (type === 'ConditionalExpression') {
      const { test, consequent, alternate } = node as Fields & Record<'test' | 'consequent' | 'alternate', SyntaxNode>;
      return [`((${this.text(test)}) ? (${this.text(alternate)}) : (${this.text(consequent)}))`];
    }
    if (type === 'Literal' && typeof node.value === 'boolean') return [String(!node.value)];
    return [];
  }
}

/** Calls and assignments for their effect, without which the source is still whole. */
function isRemovable(node: Fields): boolean {
  const { type } = node.expression as SyntaxNode;
  if (type === 'AssignmentExpression' || type === 'UpdateExpression') return true;
  return type === 'CallExpression' && ((node.expression as Fields).callee as SyntaxNode).type !== 'Super';
}
