import { everyDifferenceIn } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'What fails leaves the machine as it was, or as its failure says; never something in between.',
  from: 'S05, S08, S11; facts.md F25; defects.md D35',
  sweeping: true,
  broken(seen, world, history) {
    const last = history.at(-1);
    if (last === undefined || last.claim.ok) return [];
    return everyDifferenceIn(seen, world).map(says => `${last.step.operation} failed, yet ${says}`);
  },
  example: {
    after: [
      { operation: 'shadow-unit', args: { stack: 'web', directory: '~/.config/systemd/user.control' } },
      { operation: 'change-image-tag', args: { stack: 'web', service: 'app', tag: 'v2' } },
    ],
    claim: { ok: false, status: 1, message: 'ownership of web-stack.service is not as declared' },
    lie: (seen, world) => ({
      ...seen,
      files: Object.fromEntries(
        Object.entries(seen.files).map(([path, file]) => [
          path,
          file.kind === 'generation' ? { ...file, revision: world.declared.revision } : file,
        ]),
      ),
    }),
  },
} satisfies Invariant;
