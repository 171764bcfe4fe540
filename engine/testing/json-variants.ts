import type { Seeded } from './seeded.js';

/** How a message may be printed otherwise without meaning anything else. */
export interface Variation {
  /** Keys of every object in any order. */
  reorder: boolean;
  /** Numbers in any form that JSON has for them. */
  numbers: boolean;
  /** Fields that nobody knows. */
  unknown: boolean;
  /** White space where JSON allows it. */
  space: boolean;
}

/** Prints a parsed message again, varied. */
export function printVaried(value: unknown, random: Seeded, variation: Variation): string {
  const gap = () => (variation.space && random.chance(0.2) ? random.pick([' ', '\n', '\t  ']) : '');
  const print = (part: unknown): string => {
    if (typeof part === 'number') return variation.numbers ? printNumber(part, random) : JSON.stringify(part);
    if (Array.isArray(part)) return `[${gap()}${part.map((entry) => print(entry) + gap()).join(`,${gap()}`)}]`;
    if (typeof part !== 'object' || part === null) return JSON.stringify(part);
    let fields = Object.entries(part).map(([key, field]) => `${JSON.stringify(key)}${gap()}:${gap()}${print(field)}`);
    if (variation.unknown && random.chance(0.5)) {
      fields.splice(random.below(fields.length + 1), 0, `"field_of_next_year":${print(unknownValue(random))}`);
    }
    if (variation.reorder) fields = random.shuffled(fields);
    return `{${gap()}${fields.join(`${gap()},${gap()}`)}}`;
  };
  return print(value);
}

/** The same number in another of its forms: trailing zeros, an exponent, a point moved. */
function printNumber(value: number, random: Seeded): string {
  const plain = JSON.stringify(value);
  const forms = [plain];
  if (/^-?[1-9]\d*$/.test(plain))
    forms.push(`${plain}.0`, `${plain}.000`, `${plain}e0`, `${plain}E+0`, `${plain}000e-3`);
  else if (/^-?\d+\.\d+$/.test(plain)) {
    const digits = plain.split('.')[1]!.length;
    forms.push(`${plain}0`, `${plain}e+0`, `${plain.replace('.', '').replace(/^(-?)0+(?=\d)/, '$1')}e-${digits}`);
  }
  return random.pick(forms.filter((form) => Object.is(JSON.parse(form), value)));
}

function unknownValue(random: Seeded): unknown {
  return random.pick([
    null,
    true,
    false,
    0,
    -1.5e-7,
    'text',
    'with "quotes" and \\',
    { deep: { deeper: [1] } },
    [],
    [1, [2]],
  ]);
}
