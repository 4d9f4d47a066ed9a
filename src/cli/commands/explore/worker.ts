import { parentPort, workerData } from 'node:worker_threads';
import { expander } from '../../../engine/explore/expand.ts';
import { serving } from '../../../engine/explore/threads.ts';
import { type Chosen, exploredOf } from './explored.ts';

/** A thread that expands states. */
const { chosen, recoverTo } = workerData as { chosen: Chosen; recoverTo: number };
if (parentPort !== null) serving(parentPort, expander(await exploredOf(chosen), { recoverTo }));
