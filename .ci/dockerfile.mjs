/** One instruction of a Dockerfile. @typedef {{ name: string, rest: string }} Instruction */

/**
 * The instructions of a Dockerfile, lines that go on put together.
 * @param {string} text
 * @returns {Instruction[]}
 */
export function instructionsOf(text) {
  return text
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', rest = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
      return { name, rest: rest.trim() };
    });
}

/**
 * The stages of a Dockerfile: what follows each FROM, and what it is called.
 * @param {readonly Instruction[]} instructions
 * @returns {{ name: string, steps: Instruction[] }[]}
 */
export function stagesOf(instructions) {
  /** @type {{ name: string, steps: Instruction[] }[]} */
  const stages = [];
  for (const each of instructions) {
    if (each.name === 'FROM') stages.push({ name: / AS (\w+)$/.exec(each.rest)?.[1] ?? '', steps: [] });
    else stages.at(-1)?.steps.push(each);
  }
  return stages;
}
