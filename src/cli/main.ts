#!/usr/bin/env node

/** Whatever escapes, also while the program is being loaded: Node itself would end with 1, which means violated. */
const crash = (error: unknown): never => {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(`stackfuzz crashed: ${process.env.STACKFUZZ_TRACE === undefined ? message : stack}\n`);
  process.exit(255);
};
process.on('uncaughtException', crash);
process.on('unhandledRejection', crash);

// Whoever reads the output may have read enough (`| head`): machines are closed and findings saved all the same.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const { main } = await import('./program.ts').catch(crash);
process.exitCode = await main(process.argv.slice(2));
