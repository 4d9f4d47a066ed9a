/** What the probe image runs: it says which build it is, and answers SIGTERM at once, or stop times would be all that one measures. */
export const probeCommand = (version: string): string =>
  `trap 'exit 0' TERM INT; echo probe ${version}; while :; do sleep 1000000 & wait $!; done`;

/** What the build `broken` runs: it ends at once. */
export const brokenCommand = 'echo probe broken >&2; exit 3';

/** The label that tells one build from another. */
export const versionLabel = 'stackfuzz.version';
