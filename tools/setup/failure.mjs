/** A failure that one sentence explains: printed as it is, without a stack. */
export class Failure extends Error {}

/** Runs `main`; a failure ends the program with exit code 1 and its sentence on standard error. */
export async function runProgram(main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Failure ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}
