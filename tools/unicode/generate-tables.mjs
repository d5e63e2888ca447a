// Writes the Unicode tables of the tokenizer, from the Unicode data inside Node:
//
//   node tools/unicode/generate-tables.mjs > core/unicode_tables.cc
//
// \s is \p{White_Space}, as in Python's `regex` module, which GPT-2's reference implementation uses;
// JavaScript's own \s differs from it (it has U+FEFF and lacks U+0085).
const LAST_CODE_POINT = 0x10ffff;

function ranges(pattern) {
  const found = [];
  for (let code = 0; code <= LAST_CODE_POINT; code++) {
    const surrogate = code >= 0xd800 && code <= 0xdfff;
    if (surrogate || !pattern.test(String.fromCodePoint(code))) continue;
    const last = found.at(-1);
    if (last && last[1] === code - 1) last[1] = code;
    else found.push([code, code]);
  }
  return found;
}

const hex = (code) => '0x' + code.toString(16).toUpperCase().padStart(4, '0');

// As many `{first, last},` on each line as fit into 100 columns, as clang-format would have it.
function rows(list) {
  const lines = [];
  let line = '   ';
  for (const [first, last] of list) {
    const item = ` {${hex(first)}, ${hex(last)}},`;
    if (line.length + item.length > 100) {
      lines.push(line);
      line = '   ';
    }
    line += item;
  }
  return [...lines, line].join('\n');
}

function table(name, pattern) {
  return `constexpr CodePointRange ${name}[] = {\n${rows(ranges(pattern))}\n};`;
}

process.stdout.write(`// Generated from Unicode ${process.versions.unicode} by
//   node tools/unicode/generate-tables.mjs > core/unicode_tables.cc
// Do not edit.
#include "core/unicode_tables.h"

#include "core/packed_ranges.h"

namespace glassformer {
namespace {

// clang-format off
${table('kLetters', /^\p{L}$/u)}

${table('kNumbers', /^\p{N}$/u)}

${table('kWhiteSpace', /^\p{White_Space}$/u)}
// clang-format on

}  // namespace

constinit const char* const kUnicodeVersion = "${process.versions.unicode}";
std::span<const CodePointRange> unicode_letters() { return unpacked<kLetters>(); }
std::span<const CodePointRange> unicode_numbers() { return unpacked<kNumbers>(); }
std::span<const CodePointRange> unicode_white_space() { return unpacked<kWhiteSpace>(); }

}  // namespace glassformer
`);
