#include "core/bpe.h"

#include <algorithm>
#include <cassert>

namespace glassformer {
namespace {

constexpr size_t kNone = SIZE_MAX;

}  // namespace

MergeTable::MergeTable(std::span<const MergeRule> rules, size_t vocab_size) {
  // A counting sort by left token keeps the rules of one left token in order of rank.
  starts_.assign(vocab_size + 1, 0);
  for (const MergeRule& rule : rules) ++starts_[static_cast<size_t>(rule.left) + 1];
  for (size_t left = 0; left < vocab_size; ++left) starts_[left + 1] += starts_[left];
  entries_.resize(rules.size());
  std::vector<uint32_t> next(starts_.begin(), starts_.end());
  for (size_t rank = 0; rank < rules.size(); ++rank) {
    const MergeRule& rule = rules[rank];
    assert(static_cast<size_t>(rule.left) < vocab_size);
    entries_[next[static_cast<size_t>(rule.left)]++] = {rule.right, rule.product,
                                                        static_cast<uint32_t>(rank)};
  }
  for (size_t left = 0; left < vocab_size; ++left) {
    std::sort(entries_.begin() + starts_[left], entries_.begin() + starts_[left + 1],
              [](const Entry& a, const Entry& b) {
                return a.right != b.right ? a.right < b.right : a.rank < b.rank;
              });
  }
}

const MergeTable::Entry* MergeTable::find(int32_t left, int32_t right) const {
  const auto begin = entries_.begin() + starts_[static_cast<size_t>(left)];
  const auto end = entries_.begin() + starts_[static_cast<size_t>(left) + 1];
  const auto after = std::upper_bound(
      begin, end, right, [](int32_t value, const Entry& entry) { return value < entry.right; });
  if (after == begin || std::prev(after)->right != right) return nullptr;
  return &*std::prev(after);
}

bool BpeMerger::comes_later(const Candidate& a, const Candidate& b) {
  return a.rank != b.rank ? a.rank > b.rank : a.symbol > b.symbol;
}

// Looks up the symbol's merge with its next one and, where there is one, adds it to the candidates.
void BpeMerger::find_merge(size_t symbol, std::vector<Candidate>& candidates) {
  Symbol& left = symbols_[symbol];
  left.merge = left.next == kNone ? nullptr : merges_.find(left.id, symbols_[left.next].id);
  if (left.merge) candidates.push_back({left.merge->rank, symbol});
}

void BpeMerger::apply_merge(size_t symbol) {
  Symbol& left = symbols_[symbol];
  Symbol& right = symbols_[left.next];
  left.id = left.merge->product;
  left.next = right.next;
  if (right.next != kNone) symbols_[right.next].previous = symbol;
  right.merge = nullptr;  // so that its candidate, if it had one, is recognised as stale
  find_merge(symbol, found_);
  if (left.previous != kNone) find_merge(left.previous, found_);
}

void BpeMerger::merge(std::vector<int32_t>& ids, size_t first) {
  assert(first <= ids.size());
  const size_t count = ids.size() - first;
  if (count < 2) return;

  symbols_.resize(count);
  for (size_t i = 0; i < count; ++i) {
    symbols_[i] = {ids[first + i], i == 0 ? kNone : i - 1, i + 1 == count ? kNone : i + 1, nullptr};
  }
  heap_.clear();
  for (size_t i = 0; i < count; ++i) find_merge(i, heap_);
  std::make_heap(heap_.begin(), heap_.end(), comes_later);

  while (!heap_.empty()) {
    // One round merges one pair everywhere. What it makes possible waits for the next round, even
    // where that has a lower rank, which no trained list of merges has but any file may.
    const uint32_t rank = heap_.front().rank;
    found_.clear();
    while (!heap_.empty() && heap_.front().rank == rank) {
      std::pop_heap(heap_.begin(), heap_.end(), comes_later);
      const size_t symbol = heap_.back().symbol;
      heap_.pop_back();
      const MergeTable::Entry* merge = symbols_[symbol].merge;
      if (merge && merge->rank == rank) apply_merge(symbol);
    }
    for (const Candidate& candidate : found_) {
      heap_.push_back(candidate);
      std::push_heap(heap_.begin(), heap_.end(), comes_later);
    }
  }

  size_t merged = first;
  for (size_t i = 0; i != kNone; i = symbols_[i].next) ids[merged++] = symbols_[i].id;
  ids.resize(merged);
}

}  // namespace glassformer
