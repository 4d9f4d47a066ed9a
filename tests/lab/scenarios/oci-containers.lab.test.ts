import { oneInTurn } from '../../../src/setup/share.mjs';
import { heldToTheTable } from './check-table.ts';

// The usual run does one case: many of them need a machine of their own.
heldToTheTable('oci-containers', oneInTurn);
