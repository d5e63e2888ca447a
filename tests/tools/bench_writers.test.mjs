import { describe, expect, test } from 'vitest';
import { ggufHeader, metadata, padding } from '../../tools/bench/gguf/gguf_file.mjs';
import { halfBits, quantizeQ8_0 } from '../../tools/bench/gguf/q8_0.mjs';
import { node, tensor } from '../../tools/bench/onnx/messages.mjs';
import {
  floatField,
  integerField,
  messageField,
  stringField,
  varint,
} from '../../tools/bench/onnx/protobuf.mjs';
import { quantizeColumns, quantizeWhole, transpose } from '../../tools/bench/onnx/quantize.mjs';

const hex = (...chunks) => Buffer.concat(chunks.flat()).toString('hex');
const ascii = (text) => Buffer.from(text).toString('hex');

describe('protocol buffers', () => {
  test.each([
    [0, '00'],
    [1, '01'],
    [127, '7f'],
    [128, '8001'],
    [300, 'ac02'],
    [2 ** 32, '8080808010'],
    [-1, 'ffffffffffffffffff01'],
  ])('%i is a varint of seven bits a byte', (value, bytes) => {
    expect(hex(varint(value))).toBe(bytes);
  });

  test('a field is its number, its kind and its value', () => {
    expect(hex(integerField(1, 150))).toBe('089601');
    expect(hex(stringField(2, 'testing'))).toBe(`1207${ascii('testing')}`);
    expect(hex(floatField(2, 1))).toBe('150000803f');
    expect(hex(integerField(16, 1))).toBe('800101');
  });

  test('a message in a message starts with its length in bytes', () => {
    expect(hex(messageField(3, integerField(1, 150)))).toBe('1a03089601');
  });
});

describe('ONNX', () => {
  test('a node lists inputs, outputs, name, operation and attributes with their kinds', () => {
    const bytes = hex(
      node({ operation: 'Op', inputs: ['x', 'y'], outputs: ['z'], attributes: { a: [1, 0] } }),
    );
    const attribute = `0a01${ascii('a')}${'4001'}${'4000'}a00107`;
    expect(bytes).toBe(
      `0a01${ascii('x')}0a01${ascii('y')}1201${ascii('z')}1a04${ascii('Op:z')}2202${ascii('Op')}` +
        `2a${(attribute.length / 2).toString(16).padStart(2, '0')}${attribute}`,
    );
  });

  test('a tensor is dims, type, name and raw bytes', () => {
    const bytes = hex(tensor({ name: 'w', type: 'int8', dims: [2, 1] }, Uint8Array.of(5, 6)));
    expect(bytes).toBe(`080208011003${'4201'}${ascii('w')}4a020506`);
  });

  test('columns are quantized each by its own largest size', () => {
    const { quantized, scales } = quantizeColumns(Float32Array.of(127, 0, -63.5, 0, 1, 0), 2);
    expect([...scales]).toEqual([1, 1]); // a column of zeros keeps a scale to divide by
    expect([...quantized]).toEqual([127, 0, -63, 0, 1, 0]);
  });

  test('a table is quantized by its largest size', () => {
    const { quantized, scale } = quantizeWhole(Float32Array.of(0.5, -2, 1));
    expect(scale).toBeCloseTo(2 / 127, 12);
    expect([...quantized]).toEqual([32, -127, 64]);
  });

  test('a transposed matrix has rows for columns', () => {
    expect([...transpose(Float32Array.of(1, 2, 3, 4, 5, 6), 3)]).toEqual([1, 4, 2, 5, 3, 6]);
  });
});

describe('GGUF', () => {
  test.each([
    [0, 0x0000],
    [1, 0x3c00],
    [-2, 0xc000],
    [0.1, 0x2e66],
    [65504, 0x7bff],
    [65519, 0x7bff],
    [65520, 0x7c00],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000], // halfway to the smallest: to even
    [1 + 2 ** -11, 0x3c00], // halfway: to even
    [1 + 3 * 2 ** -11, 0x3c02],
    [2047.5 / 1024, 0x4000], // carries into the exponent
  ])('the half nearest to %d', (value, bits) => {
    expect(halfBits(value)).toBe(bits);
  });

  test('a block of q8_0 is a scale and 32 multiples of it', () => {
    const values = Float32Array.from({ length: 32 }, (_, i) => (i === 3 ? -127 : i / 2));
    const block = quantizeQ8_0(values);
    expect(block).toHaveLength(34);
    expect(hex(block.subarray(0, 2))).toBe('003c'); // 1.0
    const numbers = [...new Int8Array(block.buffer, 2)];
    expect(numbers[3]).toBe(-127);
    expect(numbers.slice(4, 8)).toEqual([2, 3, 3, 4]);
  });

  test('a block of zeros is zeros', () => {
    expect(quantizeQ8_0(new Float32Array(64)).every((byte) => byte === 0)).toBe(true);
  });

  test('metadata is a key, a kind and a value; lists say how many they are', () => {
    expect(hex(metadata('k', 'uint32', 7))).toBe(`0100000000000000${ascii('k')}0400000007000000`);
    expect(hex(metadata('k', 'string[]', ['ab']))).toBe(
      `0100000000000000${ascii('k')}0900000008000000` +
        `0100000000000000${'0200000000000000'}${ascii('ab')}`,
    );
  });

  test('the header counts axes from the innermost, and aligns every tensor to 32 bytes', () => {
    const header = ggufHeader(
      [],
      [
        { name: 'a', type: 'f32', dims: [3] },
        { name: 'b', type: 'q8_0', dims: [2, 64] },
      ],
    );
    expect(header.toString('latin1', 0, 4)).toBe('GGUF');
    expect(header.readUInt32LE(4)).toBe(3);
    expect(header.readBigUInt64LE(8)).toBe(2n);
    expect(header.length % 32).toBe(0);
    const second = header.indexOf('b');
    expect(header.readUInt32LE(second + 1)).toBe(2);
    expect(header.readBigUInt64LE(second + 5)).toBe(64n);
    expect(header.readBigUInt64LE(second + 13)).toBe(2n);
    expect(header.readUInt32LE(second + 21)).toBe(8);
    expect(header.readBigUInt64LE(second + 25)).toBe(32n); // 12 bytes of a, padded
  });

  test.each([
    [0, 0],
    [1, 31],
    [32, 0],
    [33, 31],
  ])('%i bytes are followed by %i zeros', (length, zeros) => {
    expect(padding(length)).toHaveLength(zeros);
  });
});
