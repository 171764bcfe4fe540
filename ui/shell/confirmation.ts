import { button, h } from '../dom.js';

/** Asks before what adds risk; Escape is no. */
export function confirmation(question: string): Promise<boolean> {
  return new Promise((resolve) => {
    const dialog = h('dialog', 'confirmation', [h('p', '', [question])], { 'aria-label': question });
    const end = (answer: boolean) => {
      dialog.remove();
      resolve(answer);
    };
    dialog.append(
      button('Yes', () => end(true)),
      button('No', () => end(false)),
    );
    dialog.addEventListener('cancel', () => end(false));
    document.body.append(dialog);
    dialog.showModal();
  });
}
