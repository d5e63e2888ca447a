// npm test: installs what is missing, then runs every stage; one that fails does not stop the rest.
//   npm test -- native wasm     only these; tools/test/stages.mjs lists them
import { bootstrap } from './bootstrap.mjs';
import { Failure, runProgram } from './setup/failure.mjs';
import { stages } from './test/stages.mjs';

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

function chosen(names) {
  const unknown = names.find((name) => !stages.some((stage) => stage.name === name));
  if (unknown !== undefined) {
    const known = stages.map((stage) => stage.name).join(', ');
    throw new Failure(`There is no stage "${unknown}": the stages are ${known}.`);
  }
  return names.length === 0 ? stages : stages.filter((stage) => names.includes(stage.name));
}

/** Runs the stage; resolves to its line of the summary. */
async function resultOf({ name, about, run }) {
  console.log(`\n=== ${name}: ${about}`);
  const start = performance.now();
  let reason;
  let note;
  try {
    note = await run();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    reason = error.message;
    console.log(reason);
  }
  return { name, reason, note, time: seconds(start) };
}

await runProgram(async () => {
  const wanted = chosen(process.argv.slice(2));
  const start = performance.now();
  await bootstrap({ tests: true });
  const results = [];
  for (const stage of wanted) results.push(await resultOf(stage));

  console.log(`\n=== summary, ${seconds(start)} in all`);
  for (const { name, reason, note, time } of results) {
    console.log(
      `${reason ? 'FAILED' : 'passed'}  ${name.padEnd(8)} ${time.padStart(8)}  ${reason ?? note ?? ''}`,
    );
  }
  const failed = results.filter(({ reason }) => reason).length;
  console.log(`stages: ${results.length - failed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
});
