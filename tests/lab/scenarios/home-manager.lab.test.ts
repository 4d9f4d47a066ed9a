import { heldToTheTable } from './check-table.ts';

heldToTheTable('home-manager');
