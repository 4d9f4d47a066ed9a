import { projectEdit } from '../../families/project-edit.ts';

interface VolumeArgs extends Readonly<Record<string, string>> {
  readonly stack: string;
  readonly volume: string;
  readonly size: string;
}

/** The operator has a named volume be of memory, of a size, or of another size, and rebuilds. */
export default projectEdit<VolumeArgs>({
  describe: ({ stack, volume, size }) => `have the volume ${volume} of ${stack} be of memory, ${size} at most`,
  choices: ({ volumes }, stack) =>
    Object.entries(volumes)
      .filter(([, { external }]) => !external)
      .map(([volume, { driverOpts }]) => ({ stack, volume, size: driverOpts.o === optionsOf('1m').o ? '2m' : '1m' })),
  change: ({ volumes }, { volume, size }) => {
    const before = volumes[volume];
    return before === undefined
      ? {}
      : { volumes: { ...volumes, [volume]: { ...before, driverOpts: optionsOf(size) } } };
  },
});

const optionsOf = (size: string) => ({ type: 'tmpfs', device: 'tmpfs', o: `size=${size}` });
