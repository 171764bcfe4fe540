/** As much of a document as `h` needs, so that what is built by it can be looked at without a browser. */
export class FakeNode {
  parent: FakeElement | undefined;
  readonly text: string;

  constructor(text = '') {
    this.text = text;
  }

  remove(): void {
    const { parent } = this;
    this.parent = undefined;
    parent?.childNodes.splice(parent.childNodes.indexOf(this), 1);
  }

  /** As markup, texts that follow each other as one. */
  get markup(): string {
    return this.text;
  }
}

export class FakeElement extends FakeNode {
  readonly tag: string;
  readonly childNodes: FakeNode[] = [];
  className = '';

  constructor(tag: string) {
    super();
    this.tag = tag;
  }

  get children(): FakeElement[] {
    return this.childNodes.filter((node) => node instanceof FakeElement);
  }

  append(...nodes: (FakeNode | string)[]): void {
    for (const given of nodes) {
      const node = typeof given === 'string' ? new FakeNode(given) : given;
      node.remove();
      node.parent = this;
      this.childNodes.push(node);
    }
  }

  setAttribute(): void {}
  addEventListener(): void {}

  override get markup(): string {
    return `<${this.tag}>${this.childNodes.map(({ markup }) => markup).join('')}</${this.tag}>`;
  }
}

/** Puts it in the place of the browser's document; gives back what takes it away again. */
export function fakeDocument(): () => void {
  const place = globalThis as { document?: unknown };
  const before = place.document;
  place.document = { createElement: (tag: string) => new FakeElement(tag) };
  return () => {
    place.document = before;
  };
}
