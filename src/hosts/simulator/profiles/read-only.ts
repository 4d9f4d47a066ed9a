import { joined, type Said } from '../machine.ts';

/** A switch that would write the text of Home Manager's system unit below an /etc that cannot be written. */
export const readOnly = (before: string): Said => ({
  status: 1,
  message: joined(
    before,
    './switch.sh: /etc/systemd/system/home-manager-homelab.service: Read-only file system',
    'stackfuzz: refused',
  ),
});
