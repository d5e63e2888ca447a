// Byte-pair encoding (Sennrich et al. 2016): the learned merges, and their application to one word.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace glassformer {

// One line of merges.txt: the token `left` followed by the token `right` become the token
// `product`.
struct MergeRule {
  int32_t left = 0;
  int32_t right = 0;
  int32_t product = 0;
};

// The rules, to be looked up by pair. A rule's rank is its place in the list: lower goes first.
class MergeTable {
 public:
  struct Entry {
    int32_t right;
    int32_t product;
    uint32_t rank;
  };

  MergeTable() = default;
  // All ids are in [0, vocab_size). Of two rules for the same pair the later one counts, as in
  // GPT-2's dictionary of ranks.
  MergeTable(std::span<const MergeRule> rules, size_t vocab_size);

  // Null where the two tokens do not merge. The pointer lives as long as the table.
  const Entry* find(int32_t left, int32_t right) const;

 private:
  // The entries of a left token, ascending by right token, are [starts_[left], starts_[left + 1]).
  // Sorted and not hashed: no choice of rules makes a look-up slow.
  std::vector<uint32_t> starts_;
  std::vector<Entry> entries_;
};

// Applies the merges to words, in O(n log n) for a word of n bytes. Keeps its working memory from
// one word to the next; the table must outlive it.
class BpeMerger {
 public:
  explicit BpeMerger(const MergeTable& merges) : merges_(merges) {}

  // Merges ids[first..], one word, in place, until no rule applies: again and again the pair of
  // lowest rank in the word, all its occurrences from left to right (encoder.py, Encoder.bpe).
  void merge(std::vector<int32_t>& ids, size_t first);

 private:
  // A token of the word, in a doubly linked list threaded through symbols_.
  struct Symbol {
    int32_t id;
    size_t previous;
    size_t next;
    const MergeTable::Entry* merge;  // with the next symbol; null where there is none
  };
  struct Candidate {
    uint32_t rank;
    size_t symbol;
  };
  static bool comes_later(const Candidate& a, const Candidate& b);

  void find_merge(size_t symbol, std::vector<Candidate>& candidates);
  void apply_merge(size_t symbol);

  const MergeTable& merges_;
  std::vector<Symbol> symbols_;
  std::vector<Candidate> heap_;
  std::vector<Candidate> found_;
};

}  // namespace glassformer
