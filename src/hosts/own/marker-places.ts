/** Where a machine says that it may be changed: a file with a line `host: NAME`, the name that the hosts file gives it. */
export const markerPlaces = ['/etc/stackfuzz/non-prod', '~/.config/stackfuzz/non-prod'] as const;
