/**
 * The words by which podman's race with itself shows in the evidence (docs/races.md). The manager's stop may kill podman's
 * clean-up of a container, and the next start of that container then fails on the network that it still believes in.
 * Whether it does is a matter of milliseconds.
 */
export const race = /setns: IO error: Invalid argument|aardvark-dns failed to start/;
