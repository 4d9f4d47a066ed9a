/**
 * Messages in the evidence by which podman's race with itself is known (docs/races.md). The stop of the manager may kill
 * podman's clean-up of a container; then the next start of that container fails, because podman still believes in the old
 * network. It is a matter of milliseconds whether that happens.
 */
export const race = /setns: IO error: Invalid argument|aardvark-dns failed to start/;
