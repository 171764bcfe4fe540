/** As much of a document as `h` needs, so that what is built by it can be looked at without a browser. */
export class FakeNode {
  parent: FakeElement | undefined;
  data: string;

  constructor(data = '') {
    this.data = data;
  }

  get text(): string {
    return this.data;
  }

  remove(): void {
    const { parent } = this;
    this.parent = undefined;
    parent?.childNodes.splice(parent.childNodes.indexOf(this), 1);
  }

  /** As markup, texts that follow each other as one. */
  get markup(): string {
    return this.data;
  }
}

export class FakeElement extends FakeNode {
  readonly tag: string;
  readonly childNodes: FakeNode[] = [];
  readonly style: Record<string, string> = {};
  className = '';
  ariaLabel: string | null = null;

  constructor(tag: string) {
    super();
    this.tag = tag;
  }

  get children(): FakeElement[] {
    return this.childNodes.filter((node) => node instanceof FakeElement);
  }

  get lastChild(): FakeNode | null {
    return this.childNodes.at(-1) ?? null;
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

/** A canvas that keeps the pixels which it was given. */
export class FakeCanvas extends FakeElement {
  width = 0;
  height = 0;
  pixels = new Uint32Array(0);
  /** Lines of pixels that were put since this was set to 0. */
  put = 0;

  getContext() {
    return {
      putImageData: (
        image: FakeImage,
        _x: number,
        _y: number,
        _left: number,
        top: number,
        _width: number,
        height: number,
      ) => {
        const from = top * this.width;
        if (this.pixels.length === 0) this.pixels = new Uint32Array(this.width * this.height);
        this.pixels.set(new Uint32Array(image.data.buffer).subarray(from, from + height * this.width), from);
        this.put += height;
      },
    };
  }
}

class FakeImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.data = new Uint8ClampedArray(4 * width * height);
  }
}

/** Puts it in the place of the browser's document; gives back what takes it away again. */
export function fakeDocument(): () => void {
  const place = globalThis as { document?: unknown; ImageData?: unknown };
  const { document, ImageData } = place;
  place.document = {
    createElement: (tag: string) => (tag === 'canvas' ? new FakeCanvas(tag) : new FakeElement(tag)),
    createTextNode: (text: string) => new FakeNode(text),
  };
  place.ImageData = FakeImage;
  return () => {
    place.document = document;
    place.ImageData = ImageData;
  };
}
