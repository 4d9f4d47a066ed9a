import { heldToTheTable } from './held-to-the-table.ts';

heldToTheTable('hardened');
