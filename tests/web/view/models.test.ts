import { describe, expect, test } from 'vitest';
import {
  cardOf,
  defaultModel,
  downloadableModels,
  embeddedModels,
  folderOf,
  hostOf,
  isRemote,
  isShareable,
  keptModels,
  memoryOf,
  modelOf,
  modelOfFiles,
  type ModelEntry,
  type PlacedFile,
  type RemoteModel,
  shortened,
  withDtype,
} from '../../../web/src/view/models.ts';

const pinned = downloadableModels.find(({ id }) => id === 'openai-community/gpt2')!;
const remote = (text: string) => modelOf(text) as RemoteModel;

describe('every model that the page knows', () => {
  test.each([...embeddedModels, ...downloadableModels])(
    '$id has what the page shows of it',
    (entry) => {
      expect(entry.name.en).not.toBe('');
      expect(entry.name['zh-CN']).not.toBe('');
      expect(entry.examples.length).toBeGreaterThan(1);
      expect(entry.bytes).toBeGreaterThan(0);
      expect(entry.parameters).toBeGreaterThan(0);
      expect(entry.licence).toBeTruthy();
      expect(cardOf(entry)).toBeTruthy();
      expect(modelOf(entry.id)).toEqual(entry);
    },
  );
  test('there is one for each language of the page', () => {
    expect(defaultModel('en').language).toBe('en');
    expect(defaultModel('zh-CN').language).toBe('zh-CN');
  });
});

describe('what a person writes or pastes', () => {
  const base = 'https://huggingface.co/openai-community/gpt2';
  test.each([
    'openai-community/gpt2',
    ' openai-community/gpt2\n',
    base,
    `${base}/`,
    'huggingface.co/openai-community/gpt2',
    'https://hf.co/openai-community/gpt2',
    `${base}/tree/main`,
    `${base}/blob/main/config.json`,
    `${base}/resolve/main/model.safetensors?download=true`,
  ])('%j is GPT-2 small as the manifest has it', (text) => expect(modelOf(text)).toEqual(pinned));

  test.each([
    ['me/tiny', 'https://huggingface.co/me/tiny/resolve/main/'],
    ['me/tiny@v1', 'https://huggingface.co/me/tiny/resolve/v1/'],
    ['me/tiny@refs/pr/3', 'https://huggingface.co/me/tiny/resolve/refs%2Fpr%2F3/'],
    [
      'https://huggingface.co/me/tiny/tree/refs%2Fpr%2F3',
      'https://huggingface.co/me/tiny/resolve/refs%2Fpr%2F3/',
    ],
    ['openai-community/gpt2@other', 'https://huggingface.co/openai-community/gpt2/resolve/other/'],
    ['https://models.example', 'https://models.example/'],
    ['https://models.example/a/b', 'https://models.example/a/b/'],
    ['https://models.example/a/b/config.json?x#y', 'https://models.example/a/b/'],
    ['https://models.example:8443/a/', 'https://models.example:8443/a/'],
    ['https://models.example/gpt2.5', 'https://models.example/gpt2.5/'],
  ])('%j is looked for at %s', (text, folder) => {
    expect(folderOf(remote(text))).toBe(folder);
    // The page's address says the same.
    expect(modelOf(remote(text).id)).toEqual(remote(text));
  });

  test.each([
    '',
    'gpt2',
    'another',
    'a/b/c',
    '../secret',
    'a/..',
    '.hidden/name',
    'me/tiny@../main',
    'http://models.example/',
    'https://me:secret@models.example/',
    'https://huggingface.co/',
    'https://huggingface.co/datasets/me/texts',
    'https://huggingface.co/me/tiny/tree/%E7',
    'javascript:alert(1)',
    'data:text/plain,{}',
    'file:///etc/passwd',
    '<img src=x>',
    `me/${'x'.repeat(200)}`,
  ])('%j is no model', (text) => expect(modelOf(text)).toBeUndefined());

  test('absent, is no model', () => {
    expect(modelOf(null)).toBeUndefined();
    expect(modelOf(undefined)).toBeUndefined();
  });
});

describe('a model of another host', () => {
  test('is told from what is here', () => {
    expect(isRemote(pinned)).toBe(true);
    expect(isRemote(remote('https://models.example/a'))).toBe(true);
    expect(isRemote(embeddedModels[0]!)).toBe(false);
    expect(hostOf(remote('https://models.example:8443/a'))).toBe('models.example:8443');
    expect(hostOf(remote('https://例子.example/'))).toMatch(/^xn--/);
  });

  test('has examples in the language that its name speaks of', () => {
    expect(remote('me/gpt2-chinese').examples[0]).toMatch(/\p{Script=Han}/u);
    expect(remote('me/zh-small').language).toBe('zh-CN');
    expect(remote('me/matzhou').language).toBe('en');
  });
});

test('8 bits take about a quarter of the memory', () => {
  // What the package says of the embedded English model.
  expect(memoryOf(3505152, 'auto')).toBe(14020608);
  expect(Math.abs(memoryOf(3505152, 'q8') / 3913728 - 1)).toBeLessThan(0.05);
});

test('what is long is cut', () => {
  expect(shortened('abc', 3)).toBe('abc');
  expect(shortened('abcd', 3)).toBe('abc…');
});

describe('kept downloads', () => {
  const files = (folder: string, names: string[]) =>
    names.map((name) => ({ address: folder + name, bytes: 10 }));
  const whole = ['config.json', 'model.safetensors', 'vocab.json', 'merges.txt'];

  test('are models, by the folders they came from', () => {
    const kept = keptModels([
      ...files(folderOf(pinned as RemoteModel), whole),
      ...files('https://models.example/a/', ['config.json', 'model.safetensors', 'tokenizer.json']),
    ]);
    expect(kept.map(({ entry, bytes, usable, whole }) => [entry.id, bytes, usable, whole])).toEqual(
      [
        ['openai-community/gpt2', 40, true, true],
        // Loading would ask for a vocabulary.
        ['https://models.example/a/', 30, true, false],
      ],
    );
  });

  test('of parts only have begun', () => {
    const parts = [0, 1].map((index) => `model.safetensors?glassformer-part=${index}`);
    const [begun] = keptModels(files('https://models.example/a/', ['config.json', ...parts]));
    expect(begun).toMatchObject({ bytes: 30, usable: false, whole: false });
    const [ended] = keptModels(files('https://models.example/a/', [...whole, ...parts]));
    expect(ended).toMatchObject({ bytes: 60, usable: true, whole: true });
  });

  test('without weights, or of a revision that is asked for no more, are left out', () => {
    expect(keptModels(files('https://models.example/a/', ['config.json']))).toEqual([]);
    const other = 'https://huggingface.co/openai-community/gpt2/resolve/main/';
    expect(keptModels(files(other, whole))).toEqual([]);
  });
});

describe('files', () => {
  const placed = (...paths: string[]): PlacedFile[] =>
    paths.map((path) => ({ path, file: new File(['x'], path.split('/').at(-1)!) }));
  const namesOf = ({ source }: ModelEntry) =>
    source.kind === 'files' ? source.files.map(({ name }) => name) : [];

  test('of a folder are named after it', () => {
    const entry = modelOfFiles(
      placed('mine/notes.md', 'mine/model.safetensors', 'mine/config.json'),
    );
    expect(entry.name.en).toBe('mine');
    expect(namesOf(entry)).toEqual(['model.safetensors', 'config.json']);
    expect(isShareable(entry)).toBe(false);
    expect(isRemote(entry)).toBe(false);
    expect(cardOf(entry)).toBeNull();
    expect(modelOf(entry.id)).toBeUndefined();
  });

  test('of several models are not mixed: the outermost counts', () => {
    const entry = modelOfFiles(
      placed(
        'all/b/model.safetensors',
        'all/a/deep/config.json',
        'all/b/config.json',
        'all/vocab.json',
      ),
    );
    expect(entry.name.en).toBe('all/b');
    expect(namesOf(entry)).toEqual(['model.safetensors', 'config.json']);
  });

  test('without a folder are named after the weights', () => {
    expect(modelOfFiles(placed('config.json', 'model.safetensors')).name.en).toBe(
      'model.safetensors',
    );
  });

  test('of no model are named all the same', () => {
    expect(modelOfFiles(placed('holiday/sea.png')).name.en).toBe('holiday');
    expect(modelOfFiles([]).name.en).toBe('/');
  });

  test('that have changed are another model', () => {
    const at = (lastModified: number) => [
      { path: 'config.json', file: new File([], 'config.json', { lastModified }) },
    ];
    expect(modelOfFiles(at(1)).id).toBe(modelOfFiles(at(1)).id);
    expect(modelOfFiles(at(1)).id).not.toBe(modelOfFiles(at(2)).id);
    expect(withDtype(modelOfFiles(at(1)), 'q8').dtype).toBe('q8');
  });
});
