import { load, type Model } from 'glassformer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { greedy, stories, tang } from './support/models.ts';

let model: Model;
beforeAll(async () => void (model = await load(stories)));
afterAll(() => model.dispose());

describe('the tokenizer', () => {
  it('encodes and decodes without waiting', () => {
    expect(model.tokenizer.encode(greedy.prompt)).toEqual(greedy.ids);
    expect(model.tokenizer.decode(greedy.ids)).toBe(greedy.prompt);
  });

  it('shows the pieces of a text, or of ids', () => {
    const pieces = model.tokenizer.pieces(greedy.prompt);
    expect(pieces.map(({ id }) => id)).toEqual(greedy.ids);
    expect(pieces.map(({ text }) => text).join('')).toBe(greedy.prompt);
    expect(pieces[1]).toEqual({ id: 673, text: ' upon', bytes: new TextEncoder().encode(' upon') });
    expect(model.tokenizer.pieces(greedy.ids)).toEqual(pieces);
  });

  it('keeps the bytes of a character that several tokens make', () => {
    const text = '😀';
    const pieces = model.tokenizer.pieces(text);
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces[0]!.text).toContain('\ufffd');
    const bytes = pieces.flatMap((piece) => [...piece.bytes]);
    expect(Uint8Array.from(bytes)).toEqual(new TextEncoder().encode(text));
  });

  it('takes lone surrogates and byte order marks for what they are', () => {
    const { encode, decode } = model.tokenizer;
    const through = (text: string) =>
      decode.call(model.tokenizer, encode.call(model.tokenizer, text));
    expect(through('a\ud800b')).toBe('a\ufffdb');
    expect(through('\ufeffa')).toBe('\ufeffa');
    expect(through('a\0b')).toBe('a\0b');
    expect(through('')).toBe('');
  });

  it('encodes the end-of-text token only on request', () => {
    const text = '<|endoftext|>';
    const id = model.tokenizer.specialId(text);
    expect(id).toBe(model.config.eos_token_id);
    expect(model.tokenizer.encode(text, { specialTokens: true })).toEqual([id]);
    expect(model.tokenizer.encode(text)).not.toContain(id);
    expect(model.tokenizer.specialId('<|nothing|>')).toBeNull();
  });

  it('refuses ids that are not in the vocabulary, by number', () => {
    const { vocabSize } = model.tokenizer;
    expect(() => model.tokenizer.decode([1, vocabSize])).toThrow(
      expect.objectContaining({
        code: 'bad-tokens',
        message: expect.stringContaining(String(vocabSize)),
      }),
    );
    expect(() => model.tokenizer.pieces([NaN])).toThrow(/NaN/);
  });

  it('reads Chinese', async () => {
    await using poet = await load(tang);
    const ids = poet.tokenizer.encode('白日依山尽');
    expect(poet.tokenizer.decode(ids)).toBe('白日依山尽');
  });
});
