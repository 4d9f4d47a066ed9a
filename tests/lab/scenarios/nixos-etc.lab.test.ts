import { heldToTheTable } from './check-table.ts';

heldToTheTable('nixos-etc');
