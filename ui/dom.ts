// Elements by the DOM's own functions: no markup is ever parsed, so nothing that a venue writes can become code.

type Attributes = Readonly<Record<string, string>>;

/** An element with a class, attributes and children. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  children: readonly (Node | string)[] = [],
  attributes: Attributes = {},
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className !== '') element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** A button that is reached by keyboard as well. */
export function button(label: string, act: () => void, className = ''): HTMLButtonElement {
  const element = h('button', className, [label], { type: 'button' });
  element.addEventListener('click', act);
  return element;
}

/** Writes a text only where it differs: what has not changed is not laid out again. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Gives a file to whoever looks at the screen. */
export function download(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  h('a', '', [], { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
