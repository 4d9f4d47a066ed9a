#!/usr/bin/env node
import { told } from './exit.ts';
import { main } from './program.ts';

// Whoever reads the output may have read enough (`| head`): machines are closed and findings saved all the same.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    process.stderr.write(`${told(error).message}\n`);
    process.exit(255);
  });
}

process.exitCode = await main(process.argv.slice(2));
