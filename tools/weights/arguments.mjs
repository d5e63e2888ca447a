// The command line of `npm run weights`.
import { parseArgs } from 'node:util';
import { WeightsError } from './errors.mjs';

export const DEFAULT_HUB = 'https://huggingface.co';

export const HELP = `usage: npm run weights -- MODEL [options]
       npm run weights -- --list

Fetches a GPT-2 checkpoint into weights/, where the page and the command line find it. MODEL is a
name from --list ("gpt2") or any Hugging Face Hub id ("openai-community/gpt2-large"). An
interrupted download goes on where it stopped; a model that is already here is left alone.

options:
  --list             the embedded and the downloadable models, and which of them are here
  --from DIR         take the files from a local folder instead of the network
  --to DIR           put them into this folder instead of weights/NAME
  --force            fetch again, even where the files are complete
  --hub URL          a mirror of the Hub (default ${DEFAULT_HUB}; also: HF_ENDPOINT)
  --revision NAME    branch, tag or commit (default: the manifest's commit, otherwise main)
  --timeout SECONDS  give a silent connection up after this long (default 30)
  --retries N        attempts in a row that may bring nothing (default 5)
  --help             this text
`;

const number = (text, name, least) => {
  const value = Number(text);
  if (!(value >= least && value <= 86400)) {
    throw new WeightsError(`--${name} takes a number from ${least} to 86400, not "${text}"`);
  }
  return value;
};

function hubUrl(text) {
  let url;
  try {
    url = new URL(text);
  } catch {
    throw new WeightsError(`the hub must be an http or https URL, not "${text}"`);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new WeightsError(`the hub must be an http or https URL, not "${text}"`);
  }
  return url.href.replace(/\/+$/, '');
}

/** Options from the arguments and the environment; throws WeightsError on wrong usage. */
export function parseArguments(argv, environment = {}) {
  let parsed;
  try {
    parsed = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        list: { type: 'boolean', default: false },
        from: { type: 'string' },
        to: { type: 'string' },
        force: { type: 'boolean', default: false },
        hub: { type: 'string' },
        revision: { type: 'string' },
        timeout: { type: 'string', default: '30' },
        retries: { type: 'string', default: '5' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new WeightsError(`${error.message.split('. ')[0]}; see --help`);
  }
  const { values, positionals } = parsed;
  if (!values.help && !values.list && positionals.length !== 1) {
    throw new WeightsError(
      positionals.length === 0
        ? 'name a model, such as openai-community/gpt2; --list shows the known ones'
        : `one model at a time, not ${positionals.length}; see --help`,
    );
  }
  if (values.revision !== undefined && !/^[A-Za-z0-9][\w.-]{0,127}$/.test(values.revision)) {
    throw new WeightsError(`"${values.revision}" is not a branch, tag or commit`);
  }
  return {
    help: values.help,
    list: values.list,
    model: positionals[0],
    from: values.from,
    to: values.to,
    force: values.force,
    hub: hubUrl(values.hub ?? (environment.HF_ENDPOINT || DEFAULT_HUB)),
    revision: values.revision,
    stallMilliseconds: 1000 * number(values.timeout, 'timeout', 0.05),
    retries: Math.floor(number(values.retries, 'retries', 0)),
  };
}
