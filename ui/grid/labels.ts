/** What shows numbers in a picture and has labels that say them. */
export interface Labelled {
  label(): void;
}

/** Time that labels may be behind the picture: who is read a row is read slower than this, and the row that has the focus is text. */
const BEHIND_MS = 500;
/** Time that is taken for labels at once, and what is written before the clock is looked at. */
const AT_ONCE_MS = 2;
const LEAST_ROWS = 4;

const behind = new Set<Labelled>();
let isAsked = false;

/** Has labels written after frames and not within them, where writing them would cost as much as drawing. */
export function labelSoon(row: Labelled): void {
  behind.add(row);
  if (isAsked) return;
  isAsked = true;
  setTimeout(whenIdle, BEHIND_MS);
}

/** Some browsers do not tell when they have time. */
function whenIdle(): void {
  if ('requestIdleCallback' in globalThis) requestIdleCallback(write, { timeout: BEHIND_MS });
  else setTimeout(write, 0);
}

function write(): void {
  const ends = performance.now() + AT_ONCE_MS;
  let written = 0;
  for (const row of behind) {
    behind.delete(row);
    row.label();
    if (++written % LEAST_ROWS === 0 && performance.now() > ends) break;
  }
  isAsked = behind.size > 0;
  if (isAsked) whenIdle();
}
