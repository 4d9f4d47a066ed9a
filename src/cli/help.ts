/** Examples for the end of a command's help: command lines, and what each does. */
export const examples = (...all: readonly (readonly [line: string, does: string])[]): string => {
  const width = Math.max(...all.map(([line]) => line.length));
  return ['', 'Examples:', ...all.map(([line, does]) => `  stackfuzz ${line.padEnd(width)}  ${does}`)].join('\n');
};
