import { existsSync } from 'node:fs';
import { cp, readFile, readdir, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import {
  freshPath,
  glassformer,
  inNode,
  inRepository,
  openTensors,
  stories,
  zeroModel,
} from './command_line.mjs';

const plain = inRepository('tests', 'golden', 'plain');
const tang = inRepository('weights', 'tang');
const nano = inRepository('weights', 'nano');
const girl = 'Once upon a time, there was a little girl';

// Node needs a moment to start, on a machine that tests other things meanwhile.
if (inNode) vi.setConfig({ testTimeout: 30_000 });

async function output(argv, options) {
  const result = await glassformer(argv, options);
  expect(result).toMatchObject({ code: 0, err: '' });
  return result;
}

describe('usage', () => {
  test('--help lists the verbs, and each explains itself', async () => {
    const { out } = await output(['--help']);
    for (const verb of [
      'info',
      'tokenize',
      'detokenize',
      'trace',
      'generate',
      'convert',
      'bench',
    ]) {
      expect(out).toContain(`  ${verb} `);
      expect((await output([verb, '--help'])).out).toMatch(
        new RegExp(`^glassformer ${verb} .?MODEL`),
      );
    }
  });

  test('--version prints the version of the package', async () => {
    const { version } = JSON.parse(await readFile(inRepository('package.json'), 'utf8'));
    expect((await output(['--version'])).out).toBe(`${version}\n`);
  });

  test.each([
    [[], /^glassformer: a verb is needed/],
    [['trase'], /no verb "trase"; the nearest is trace/],
    [['info'], /info needs MODEL/],
    [['info', 'a', 'b'], /info has no place for "b"/],
    [['info', 'a', '--jason'], /no option "--jason"; the nearest is --json/],
    [['info', 'a', '--json=1'], /--json takes no value/],
    [['generate', 'a', '--prompt'], /--prompt needs a value/],
    [['generate', 'a'], /generate needs --prompt/],
    [['generate', 'a', '--seed', '1', '--seed', '2'], /--seed is given twice/],
    [['generate', 'a', '--prompt', 'x', '--temperature', 'hot'], /--temperature takes a number/],
    [['generate', 'a', '--prompt', 'x', '--temperature', '-1'], /temperature must be/],
    [['generate', 'a', '--prompt', 'x', '--top-p', '0'], /top_p must be/],
    [['generate', 'a', '--prompt', 'x', '--top-k', '1.5'], /--top-k takes a whole number/],
    [['trace', 'a', '--out', 'b'], /either --prompt or --tokens/],
    [['trace', 'a', '--tokens', '1', '--prompt', 'x', '--out', 'b'], /either --prompt or --tokens/],
    [['trace', 'a', '--tokens', '1'], /needs --out/],
    [['trace', 'a', '--tokens', '1,,2', '--out', 'b'], /token ids separated by commas, not ""/],
    [
      ['trace', 'a', '--tokens', '1', '--out', 'b', '--edits', ''],
      /--edits needs the name of a file/,
    ],
    [
      ['analyze', 'a', 'b', '--options', `{"a":${'['.repeat(20)}${']'.repeat(20)}}`],
      /nested too deeply/,
    ],
    [['convert', 'a', 'b'], /--dtype f32, f16 or q8/],
    [['convert', 'a', 'b', '--dtype', 'f8'], /cannot write f8/],
  ])('%j is refused with one line and exit code 2', async (argv, message) => {
    const { code, out, err } = await glassformer(argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
    expect(err).toMatch(/^glassformer: .*\n$/);
  });
});

describe('info', () => {
  test('counts the parameters by matrix', async () => {
    const info = JSON.parse((await output(['info', stories, '--json'])).out);
    const config = JSON.parse(await readFile(join(stories, 'config.json'), 'utf8'));
    expect(info.config).toMatchObject({ n_layer: config.n_layer, n_embd: config.n_embd });
    expect(info.parameters).toBe(3_505_152);
    expect(info.matrices.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(3_505_152);
    expect(info.matrices).toContainEqual({
      name: 'h.*.attn.c_attn.weight',
      shape: [192, 576],
      count: 6,
      parameters: 6 * 192 * 576,
    });
    expect(info).toMatchObject({ dtype: 'F16', memory_bytes: 4 * 3_505_152 });
    expect(info.file_bytes).toBe((await readFile(join(stories, 'model.safetensors'))).length);
  });

  test('says the same for people to read', async () => {
    const { out } = await output(['info', stories]);
    expect(out).toMatch(/layer_norm_epsilon +1e-05\n/);
    expect(out).toMatch(/h\.\*\.attn\.c_attn\.weight +192 x 576 +6 +663,552\n/);
  });
});

describe('tokenize and detokenize', () => {
  test('give the ids as one JSON array, and the text back', async () => {
    const ids = (await output(['tokenize', stories], { input: girl })).out;
    expect(ids).toBe('[912,673,258,508,11,423,302,258,438,677]\n');
    expect((await output(['detokenize', stories], { input: ids })).out).toBe(girl);
  });

  test('--text gives the pieces', async () => {
    const { out } = await output(['tokenize', stories, '--text'], { input: 'Once upon' });
    expect(JSON.parse(out)).toEqual([
      [912, 'Once'],
      [673, ' upon'],
    ]);
  });

  test('any bytes survive', async () => {
    const input = Buffer.from(Array.from({ length: 1024 }, (_, i) => (i * 181) & 255));
    const ids = (await output(['tokenize', stories], { input })).out;
    expect((await output(['detokenize', stories], { input: ids })).bytes).toEqual(input);
  });

  test('the end of text is one token only on request', async () => {
    const input = 'a<|endoftext|>';
    const ordinary = JSON.parse((await output(['tokenize', stories], { input })).out);
    const special = JSON.parse((await output(['tokenize', stories, '--special'], { input })).out);
    expect(special).toHaveLength(2);
    expect(special[1]).toBe(4095);
    expect(ordinary).not.toContain(4095);
  });

  test('text that a small vocabulary cannot spell is refused by its character', async () => {
    const { code, err } = await glassformer(['tokenize', nano], { input: 'CADÉB=' });
    expect(code).toBe(1);
    expect(err).toBe('glassformer: standard input: "É" is not in the vocabulary of 28 tokens\n');
    expect((await output(['tokenize', nano], { input: 'CADB=' })).out).toBe('[2,0,3,1,26]\n');
    const prompt = await glassformer(['generate', nano, '--prompt', 'cadb=']);
    expect(prompt.err).toBe('glassformer: --prompt: "c" is not in the vocabulary of 28 tokens\n');
  });

  test('nothing on standard input is no tokens, and no text', async () => {
    expect((await output(['tokenize', stories])).out).toBe('[]\n');
    expect((await output(['detokenize', stories], { input: '[]' })).out).toBe('');
  });

  test('text that comes late and in parts is read to its end', async () => {
    async function* parts() {
      for (const part of [' up', 'on a ti', 'me']) {
        yield part;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
    const { out } = await output(['tokenize', stories, '--text'], { input: parts() });
    const pieces = JSON.parse(out).map(([, piece]) => piece);
    expect(pieces.join('')).toBe(' upon a time');
  });

  test('a text of megabytes goes through pipes', async () => {
    const input = Array.from({ length: 300_000 }, (_, i) => `${i * 7919} `).join('');
    const ids = (await output(['tokenize', stories], { input })).out;
    expect((await output(['detokenize', stories], { input: ids })).out).toBe(input);
  });

  test('end quietly where nobody reads what they print', async () => {
    const shell = 'seq 300000 | "$0" "$@" | head -c 1; exit ${PIPESTATUS[1]}';
    const { code, out, err } = await glassformer(['tokenize', stories], { shell });
    expect({ code, out, err }).toEqual({
      code: 128 + constants.signals.SIGPIPE,
      out: '[',
      err: '',
    });
  });

  test('need no weights', async () => {
    const folder = inRepository('..', 'shared', 'data', 'gpt2-tokenizer');
    if (!existsSync(join(folder, 'vocab.json'))) return;
    const { out } = await output(['tokenize', folder], { input: 'Hello, world' });
    expect(out).toBe('[15496,11,995]\n');
  });

  test.each([
    ['{}', 'is not a JSON array of token ids'],
    ['[1, "2"]', 'element 1 is not a token id'],
    ['[1.5]', 'element 0 is not a token id'],
    ['[99999999999]', 'element 0 is not a token id'],
    ['[18446744073709551615]', 'element 0 is not a token id'],
    ['[1', 'is not valid JSON'],
    ['[4096]', '4096'],
    ['[-1]', '-1'],
  ])('detokenize refuses %s', async (input, message) => {
    const { code, out, err } = await glassformer(['detokenize', stories], { input });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('standard input');
    expect(err).toContain(message);
  });
});

describe('files', () => {
  test('may have spaces and 汉字 in their paths', async () => {
    const model = freshPath('小 模型 é');
    await cp(stories, model, { recursive: true });
    const out = freshPath('迹 1.safetensors');
    await output(['trace', model, '--prompt', '白日 é', '--names', 'hook_embed', '--out', out]);
    expect((await openTensors(out)).header.__metadata__.prompt).toBe('白日 é');
    const { code, err } = await glassformer(['info', `${model}?`]);
    expect(code).toBe(1);
    expect(err).toBe(`glassformer: ${model}?/config.json: No such file or directory\n`);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'])(
    '%s while one is written leaves none',
    async (name) => {
      const model = await zeroModel({ n_positions: 1 << 20 });
      const out = freshPath('q');
      const parts = async () =>
        (await readdir(dirname(out), { recursive: true })).filter((file) =>
          file.includes(`${basename(out)}.partial-`),
        );
      let process;
      const started = (child) => (process = child);
      const result = glassformer(['convert', model, out, '--dtype', 'f32'], { started });
      while (!(await parts()).some((file) => file.includes('model.safetensors.partial-')));
      process.kill(name);
      const { code, err } = await result;
      expect(code).toBe(1);
      expect(err).toMatch(/^glassformer: .*model\.safetensors: interrupted before it was whole\n$/);
      expect(await parts()).toEqual([]);
      expect(existsSync(out)).toBe(false);
    },
  );

  test.each(['SIGINT', 'SIGTERM'])('%s otherwise ends the program at once', async (name) => {
    const started = (child) => setTimeout(() => child.kill(name), 300);
    async function* never() {
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    const { code, signal, err } = await glassformer(['tokenize', stories], {
      started,
      input: never(),
    });
    expect({ code, signal, err }).toEqual({ code: null, signal: name, err: '' });
  });

  test.runIf(inNode)('with more weights than WebAssembly has memory are refused', async () => {
    const model = await zeroModel({ n_embd: 512, vocab_size: 1 << 22 });
    const { code, out, err } = await glassformer(['info', model]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(
      /safetensors: its weights need [\d,]+ bytes of memory, which could not be .*\n$/,
    );
  });
});

describe('trace', () => {
  const trace = async (argv) => {
    const out = freshPath('trace.safetensors');
    await output(['trace', ...argv, '--out', out]);
    return openTensors(out);
  };

  test.each([
    ['plain', plain],
    ['odd', inRepository('tests', 'golden', 'odd')],
    ['stories', stories],
  ])('of %s equals the float64 reference', async (name, model) => {
    const golden = await openTensors(inRepository('tests', 'golden', name, 'trace.safetensors'));
    const tokens = JSON.parse(golden.header.__metadata__.tokens);
    const actual = await trace([model, '--tokens', tokens.join()]);
    expect(actual.names().sort()).toEqual(golden.names().sort());
    for (const tensor of golden.names()) {
      const expected = await golden.tensor(tensor);
      const { dims, data } = await actual.tensor(tensor);
      expect(dims).toEqual(expected.dims);
      let largest = 0;
      for (const value of expected.data) {
        if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
      }
      const wrong = data.findIndex(
        (value, i) =>
          value !== expected.data[i] && !(Math.abs(value - expected.data[i]) <= 1e-4 * largest),
      );
      expect(wrong, tensor).toBe(-1);
    }
  });

  test('records the tokens and the prompt', async () => {
    const file = await trace([stories, '--prompt', 'Once upon', '--names', 'hook_embed']);
    expect(file.header.__metadata__).toEqual({
      tokens: '[912,673]',
      prompt: 'Once upon',
      dtype: 'f32',
    });
    expect(file.names()).toEqual(['hook_embed']);
  });

  test('takes names and globs, and stops before a layer', async () => {
    const tokens = ['--tokens', '1,2,3'];
    const some = await trace([plain, ...tokens, '--names', '*pattern,blocks.0.attn.hook_result']);
    expect(some.names()).toEqual([
      'blocks.0.attn.hook_pattern',
      'blocks.0.attn.hook_result',
      'blocks.1.attn.hook_pattern',
    ]);
    const stopped = await trace([plain, ...tokens, '--stop-at-layer', '-1']);
    expect(stopped.names().at(-1)).toBe('blocks.0.hook_resid_post');
  });

  test('applies edits', async () => {
    const edits = freshPath('edits.json');
    await writeFile(edits, '[{"name": "hook_embed", "op": "set", "position": 1, "value": 0.25}]');
    const argv = [plain, '--tokens', '1,2,3', '--names', 'hook_embed'];
    const before = await (await trace(argv)).tensor('hook_embed');
    const after = await (await trace([...argv, '--edits', edits])).tensor('hook_embed');
    expect(after.data.subarray(0, 64)).toEqual(before.data.subarray(0, 64));
    expect(after.data.subarray(64, 128)).toEqual(new Float32Array(64).fill(0.25));
  });

  test.each([
    ['[{"name": "hook_embd", "op": "zero"}]', 'edit 0: no activation is named "hook_embd"'],
    [
      '[{"name": "hook_embed", "op": "zero", "position": 3}]',
      'edit 0 (hook_embed) selects position 3',
    ],
    ['[', 'not valid JSON'],
  ])('names the file of edits that cannot be applied: %s', async (json, message) => {
    const edits = freshPath('edits.json');
    await writeFile(edits, json);
    const out = freshPath('trace.safetensors');
    const argv = ['trace', plain, '--tokens', '1,2,3', '--edits', edits, '--out', out];
    const { code, err } = await glassformer(argv);
    expect(code).toBe(1);
    expect(err).toMatch(/^glassformer: .*\n$/);
    expect(err).toContain(`${edits}: `);
    expect(err).toContain(message);
    expect(existsSync(out)).toBe(false);
  });

  test.each([
    [['--tokens', '1,512'], 'token 1 is 512'],
    [['--tokens', '1', '--names', 'hook_embd'], 'the nearest is "hook_embed"'],
    [['--tokens', Array(65).fill(1).join()], 'context of 64'],
    [['--prompt', ''], 'vocab.json'],
  ])('refuses %j and leaves no file', async (argv, message) => {
    const out = freshPath('trace.safetensors');
    const { code, err } = await glassformer(['trace', plain, ...argv, '--out', out]);
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect(existsSync(out)).toBe(false);
    expect((await readdir(dirname(out))).filter((name) => name.includes('partial'))).toEqual([]);
  });

  test('on a full disk fails with one line and keeps the older file', async () => {
    const out = freshPath('trace.safetensors');
    await writeFile(out, 'older');
    const { code, err } = await glassformer(['trace', stories, '--prompt', girl, '--out', out], {
      shell: 'ulimit -f 8; exec "$0" "$@"',
    });
    expect(code).toBe(1);
    expect(err).toMatch(/^glassformer: .*could not be written: File too large\n$/);
    expect(await readFile(out, 'utf8')).toBe('older');
    expect((await readdir(dirname(out))).filter((name) => name.includes('partial'))).toEqual([]);
  });

  test('does not replace what is not a file', async () => {
    const argv = ['trace', plain, '--tokens', '1', '--out', '/dev/null'];
    expect((await glassformer(argv)).err).toBe('glassformer: /dev/null: is not a regular file\n');
  });
});

describe('generate', () => {
  const greedy = ['--temperature', '0'];

  test('continues greedily as the reference did', async () => {
    const golden = JSON.parse(
      await readFile(inRepository('tests', 'golden', 'stories', 'greedy.json'), 'utf8'),
    );
    const argv = ['generate', stories, '--prompt', golden.prompt, '--max-tokens', '24', ...greedy];
    const continuation = golden.text.slice(golden.prompt.length);
    expect((await output(argv)).out).toBe(`${continuation}\n`);
    const { tokens, text, prompt } = JSON.parse((await output([...argv, '--json'])).out);
    expect(tokens.map(({ id }) => id)).toEqual(golden.greedy_24);
    expect({ prompt, text }).toEqual({ prompt: golden.prompt, text: continuation });
    for (const { probability } of tokens) expect(probability).toBeGreaterThan(0);
  });

  test('continues 白日依山尽， in verse', async () => {
    const argv = ['generate', tang, '--prompt', '白日依山尽，', '--max-tokens', '30', ...greedy];
    const { out } = await output(argv);
    expect(out).not.toContain('�');
    const lines = out.trim().split('\n').slice(0, 2);
    expect(lines[0]).toMatch(/^[\u4e00-\u9fff]{5}。$/);
    expect(lines[1]).toMatch(/^[\u4e00-\u9fff]{5}，[\u4e00-\u9fff]{5}。$/);
  });

  test('the same seed gives the same text, and another another', async () => {
    const argv = ['generate', stories, '--prompt', girl, '--max-tokens', '20', '--seed'];
    const first = (await output([...argv, '1'])).out;
    expect((await output([...argv, '1'])).out).toBe(first);
    expect((await output([...argv, '2'])).out).not.toBe(first);
  });

  test('top-k of 1 is greedy', async () => {
    const argv = ['generate', stories, '--prompt', girl, '--max-tokens', '9'];
    const narrow = (await output([...argv, '--top-k', '1', '--seed', '5'])).out;
    expect(narrow).toBe((await output([...argv, ...greedy])).out);
  });

  test('a prompt may look like an option', async () => {
    const argv = ['generate', stories, '--prompt', '-h', '--max-tokens', '1', '--json'];
    expect(JSON.parse((await output(argv)).out).prompt).toBe('-h');
  });

  test('--threads changes nothing but the time, and says where there is one', async () => {
    const argv = ['generate', stories, '--prompt', girl, '--max-tokens', '9'];
    const one = await output([...argv, '--threads', '1']);
    const two = await glassformer([...argv, '--threads', '2']);
    expect(two).toMatchObject({ code: 0, out: one.out });
    expect(two.err).toBe(
      inNode ? 'glassformer: --threads: in WebAssembly this program has one thread\n' : '',
    );
  });

  test('an empty prompt begins a text', async () => {
    const argv = ['generate', stories, '--prompt', '', '--max-tokens', '5', '--json'];
    const { prompt_tokens: begin, tokens } = JSON.parse((await output(argv)).out);
    expect(begin).toEqual([4095]);
    expect(tokens).toHaveLength(5);
  });

  test('stops where the context is full, and says so', async () => {
    const prompt = 'a' + ' a'.repeat(249);
    const argv = ['generate', stories, '--prompt', prompt, '--json', '--max-tokens', '99'];
    const { code, out, err } = await glassformer([...argv, ...greedy]);
    expect(code).toBe(0);
    const { tokens, prompt_tokens: begin } = JSON.parse(out);
    expect(begin).toHaveLength(250);
    // The last token needs no place: nothing is computed from it.
    expect(tokens).toHaveLength(7);
    expect(err).toBe("glassformer: stopped after 7 tokens: the model's context of 256 is full\n");
  });

  test('refuses a prompt longer than the context, stating the limit', async () => {
    const argv = ['generate', stories, '--prompt', 'a b '.repeat(300)];
    const { code, out, err } = await glassformer(argv);
    expect({ code, out: out.trim() }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/tokens do not fit into the model's context of 256\n$/);
  });

  test('standard output that cannot be written to is reported', async () => {
    const argv = ['generate', stories, '--prompt', girl];
    const { code, err } = await glassformer(argv, { shell: 'exec "$0" "$@" > /dev/full' });
    expect({ code, err }).toEqual({
      code: 1,
      err: 'glassformer: standard output: No space left on device\n',
    });
  });
});

describe('convert', () => {
  test.each(['f32', 'f16'])('to %s gives a folder that loads and says the same', async (dtype) => {
    const out = freshPath(dtype);
    await output(['convert', stories, out, '--dtype', dtype]);
    expect((await readdir(out)).sort()).toEqual([
      'config.json',
      'merges.txt',
      'model.safetensors',
      'vocab.json',
    ]);
    const info = JSON.parse((await output(['info', out, '--json'])).out);
    expect(info.dtype).toBe(dtype.toUpperCase());
    const argv = ['--prompt', girl, '--temperature', '0', '--json'];
    const before = JSON.parse((await output(['generate', stories, ...argv])).out);
    const after = JSON.parse((await output(['generate', out, ...argv])).out);
    // The embedded model is stored as f16, so neither conversion loses anything.
    expect(after).toEqual(before);
  });

  test('to q8 makes a file about a quarter the size, which says nearly the same', async () => {
    const out = freshPath('q8');
    await output(['convert', stories, out, '--dtype', 'q8']);
    const info = JSON.parse((await output(['info', out, '--json'])).out);
    expect(info).toMatchObject({ dtype: 'Q8', memory_dtype: 'q8', parameters: 3_505_152 });
    expect(info.file_bytes / 3_505_152).toBeLessThan(1.13);

    const logits = async (model) => {
      const file = freshPath('trace.safetensors');
      await output(['trace', model, '--prompt', girl, '--names', 'logits', '--out', file]);
      const trace = await openTensors(file);
      return { dtype: trace.header.__metadata__.dtype, ...(await trace.tensor('logits')) };
    };
    const exact = await logits(stories);
    const near = await logits(out);
    expect([exact.dtype, near.dtype]).toEqual(['f32', 'q8']);
    let difference = 0;
    let size = 0;
    exact.data.forEach((value, i) => {
      difference += (value - near.data[i]) ** 2;
      size += value ** 2;
    });
    expect(Math.sqrt(difference / size)).toBeLessThan(0.02);
    expect(difference).toBeGreaterThan(0);
  });

  test('from q8 to floats keeps what q8 had', async () => {
    const [quantized, floats] = [freshPath('q8'), freshPath('f32')];
    await output(['convert', stories, quantized, '--dtype', 'q8']);
    await output(['convert', quantized, floats, '--dtype', 'f32']);
    const argv = ['--prompt', girl, '--temperature', '0', '--json'];
    const [q8, f32] = await Promise.all(
      [quantized, floats].map(async (model) =>
        JSON.parse((await output(['generate', model, ...argv])).out),
      ),
    );
    expect(f32.tokens.map(({ id }) => id)).toEqual(q8.tokens.map(({ id }) => id));
    f32.tokens.forEach(({ probability }, i) => {
      expect(probability).toBeCloseTo(q8.tokens[i].probability, 3);
    });
  });

  test('a q8 file read and written again is the same file', async () => {
    const [once, twice] = [freshPath('q8'), freshPath('q8')];
    await output(['convert', stories, once, '--dtype', 'q8']);
    await output(['convert', once, twice, '--dtype', 'q8']);
    expect(
      (await readFile(join(once, 'model.safetensors'))).equals(
        await readFile(join(twice, 'model.safetensors')),
      ),
    ).toBe(true);
  });

  test('takes a folder whose name ends in a slash', async () => {
    const out = freshPath('slash');
    await output(['convert', stories, `${out}/`, '--dtype', 'q8']);
    expect(await readdir(out)).toContain('model.safetensors');
    const report = JSON.parse((await output(['bench', out, '--json'])).out);
    expect(new Set(report.measurements.map(({ dtype }) => dtype))).toEqual(new Set(['q8']));
  });

  test('keeps an untied head', async () => {
    const out = freshPath('odd');
    await output(['convert', inRepository('tests', 'golden', 'odd'), out, '--dtype', 'f32']);
    const file = await openTensors(join(out, 'model.safetensors'));
    const golden = await openTensors(inRepository('tests', 'golden', 'odd', 'model.safetensors'));
    for (const name of ['lm_head.weight', 'transformer.h.1.mlp.c_fc.weight']) {
      expect(await file.tensor(name)).toEqual(await golden.tensor(name));
    }
  });

  test('does not touch a folder that holds something', async () => {
    const { code, err } = await glassformer(['convert', stories, stories, '--dtype', 'f32']);
    expect(code).toBe(1);
    expect(err).toContain('is there already');
  });

  test('on a full disk leaves nothing', async () => {
    const out = freshPath('full');
    const { code, err } = await glassformer(['convert', stories, out, '--dtype', 'f32'], {
      shell: 'ulimit -f 1000; exec "$0" "$@"',
    });
    expect(code).toBe(1);
    expect(err).toMatch(/File too large\n$/);
    expect(existsSync(out)).toBe(false);
    expect((await readdir(dirname(out))).filter((name) => name.includes('partial'))).toEqual([]);
  });
});

describe('bench', () => {
  test('measures the model in both forms beside the machine', async () => {
    const report = JSON.parse((await output(['bench', plain, '--json'])).out);
    expect(report.multiply_add_flops).toBeGreaterThan(0);
    expect(report.streaming_read_bytes).toBeGreaterThan(0);
    // The context of 64 tokens has no room for a run over 128.
    expect(report.measurements.map(({ dtype, name }) => `${dtype}: ${name}`)).toEqual(
      ['f32', 'q8'].flatMap((dtype) => [
        ...[6, 16, 64].map((tokens) => `${dtype}: attention of ${tokens} tokens`),
        `${dtype}: one more token`,
      ]),
    );
    for (const { seconds, share_of_peak: share } of report.measurements) {
      expect(seconds).toBeGreaterThan(0);
      expect(share).toBeGreaterThan(0);
    }
  });
});
