#!/usr/bin/env node

/** For uncaught errors, also while the program is being loaded: Node itself would end with 1, which means violated. */
const crash = (error: unknown): never => {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const said = `${process.env.STACKFUZZ_TRACE === undefined ? message : stack}`;
  const text = said.replace(/[^\P{Cc}\n\t]/gu, '?'); // visible.ts is not imported here: this must work whatever is missing
  process.stderr.write(`stackfuzz crashed: ${text}\n`);
  process.exit(255);
};
process.on('uncaughtException', crash);
process.on('unhandledRejection', crash);

// The reader of the output may stop reading (`| head`): machines are closed and findings saved all the same.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const { main } = await import('./program.ts').catch(crash);
process.exitCode = await main(process.argv.slice(2));
