import { joined, type Said } from '../machine.ts';

/** A switch that has to write Home Manager's system unit below a read-only /etc. */
export const readOnly = (before: string): Said => ({
  status: 1,
  message: joined(
    before,
    './switch.sh: /etc/systemd/system/home-manager-homelab.service: Read-only file system',
    'stackfuzz: refused',
  ),
});
