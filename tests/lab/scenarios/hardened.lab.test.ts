import { heldToTheTable } from './check-table.ts';

heldToTheTable('hardened');
