// Each kernel of core/ alone, at the shapes of GPT-2 small, beside the plain loop that says what it
// computes. Prints one JSON object for each measurement; run.mjs makes a table of them.
#include "core/kernels.h"

#include <emscripten/emscripten.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <vector>

#include "core/attention.h"
#include "core/matrix_product.h"
#include "core/q8_product.h"

namespace glassformer {
namespace {

constexpr int kRuns = 40;
constexpr double kSmallestBatch = 4;  // milliseconds: the clock of a browser is coarse

// The median duration of a call, in milliseconds, after enough calls that the browser's optimising
// compiler has come round.
double median(const std::function<void()>& call) {
  int batch = 1;
  const auto time = [&] {
    const double start = emscripten_get_now();
    for (int i = 0; i < batch; ++i) call();
    return emscripten_get_now() - start;
  };
  time();
  for (double spent = time(); spent < kSmallestBatch && batch < 1 << 20; spent = time()) batch *= 2;
  std::vector<double> times;
  for (int run = 0; run < kRuns; ++run) times.push_back(time() / batch);
  std::sort(times.begin() + kRuns / 4, times.end());
  return times[static_cast<size_t>(kRuns / 4 + (kRuns - kRuns / 4) / 2)];
}

struct Measurement {
  const char* kernel;
  const char* shape;
  double flops;  // of one call; 0 where reading is what counts
  double bytes;  // that must be read
};

void measure(const Measurement& what, const std::function<void()>& kernel,
             const std::function<void()>& plain) {
  const double fast = median(kernel);
  const double slow = median(plain);
  std::printf(
      "{\"kernel\": \"%s\", \"shape\": \"%s\", \"ms\": %g, \"plain\": %g, \"flops\": %g, "
      "\"bytes\": %g}\n",
      what.kernel, what.shape, fast, slow, what.flops, what.bytes);
}

FloatBuffer filled(int64_t size) {
  FloatBuffer buffer = FloatBuffer::allocate(static_cast<uint64_t>(size));
  for (int64_t i = 0; i < size; ++i) {
    buffer.data()[i] = static_cast<float>((i * 7919) % 2003 - 1001) / 1001;
  }
  return buffer;
}

void product(const char* f32_name, const char* q8_name, const char* shape, int64_t rows,
             int64_t inputs, int64_t outputs) {
  const FloatBuffer x = filled(rows * inputs), y = filled(rows * outputs);
  const FloatBuffer memory = filled(outputs * inputs);
  const TensorView in = view2(x.data(), rows, inputs), out = view2(y.data(), rows, outputs);
  const PackedMatrix packed{memory.data(), outputs, inputs};
  const auto plain_f32 = [&] {
    for (int64_t t = 0; t < rows; ++t) {
      for (int64_t n = 0; n < outputs; ++n) {
        float sum = 0;
        for (int64_t m = 0; m < inputs; ++m)
          sum += x.data()[t * inputs + m] * memory.data()[n * inputs + m];
        y.data()[t * outputs + n] = sum;
      }
    }
  };
  const double flops = 2.0 * static_cast<double>(rows * inputs * outputs);
  const double weights = static_cast<double>(inputs * outputs);
  measure(
      {f32_name, shape, flops, 4 * weights}, [&] { f32_product(out, in, packed, {}); }, plain_f32);

  QuantizedMatrix q8{nullptr, nullptr, outputs, inputs};
  const FloatBuffer scales = filled(q8.scales_size()), integers = filled(q8.data_size() / 4);
  const FloatBuffer workspace = filled(q8_workspace_size(inputs));
  q8.scales = scales.data();
  q8.data = reinterpret_cast<int8_t*>(integers.data());
  const auto plain_q8 = [&] {
    for (int64_t t = 0; t < rows; ++t) {
      for (int64_t n = 0; n < outputs; ++n) {
        float sum = 0;
        for (int64_t m = 0; m < inputs; ++m) {
          sum += x.data()[t * inputs + m] * q8.data[n * inputs + m] * scales.data()[n];
        }
        y.data()[t * outputs + n] = sum;
      }
    }
  };
  const TensorView space = view1(workspace.data(), static_cast<int64_t>(workspace.size()));
  measure(
      {q8_name, shape, flops, weights * (1 + 4.0 / QuantizedMatrix::kBlock)},
      [&] { q8_product(out, in, q8, {}, space); }, plain_q8);
}

void attention(const char* shape, int64_t tokens, int64_t past) {
  constexpr int64_t kWidth = 64;
  const int64_t positions = past + tokens;
  const FloatBuffer q = filled(tokens * kWidth), k = filled(positions * kWidth),
                    v = filled(positions * kWidth), z = filled(tokens * kWidth),
                    memory = filled(tokens * positions);
  const TensorView scores = view2(memory.data(), tokens, positions);
  const HeadView queries{q.data(), tokens, kWidth, kWidth},
      keys{k.data(), positions, kWidth, kWidth}, values{v.data(), positions, kWidth, kWidth};
  const double pairs = static_cast<double>(tokens * past + tokens * (tokens + 1) / 2);
  measure(
      {"attention scores", shape, 2 * pairs * kWidth, 0},
      [&] { attention_scores(scores, queries, keys, 0.125f); },
      [&] {
        for (int64_t t = 0; t < tokens; ++t) {
          for (int64_t s = 0; s <= past + t; ++s) {
            float sum = 0;
            for (int64_t d = 0; d < kWidth; ++d)
              sum += q.data()[t * kWidth + d] * k.data()[s * kWidth + d];
            memory.data()[t * positions + s] = sum * 0.125f;
          }
        }
      });
  measure(
      {"softmax", shape, 0, 4 * pairs}, [&] { softmax_rows(scores, scores); },
      [&] {
        for (int64_t t = 0; t < tokens; ++t) {
          float sum = 0;
          float* row = memory.data() + t * positions;
          for (int64_t s = 0; s <= past + t; ++s) sum += row[s] = std::exp(row[s] - 1);
          for (int64_t s = 0; s <= past + t; ++s) row[s] /= sum;
        }
      });
  measure(
      {"weighted sum", shape, 2 * pairs * kWidth, 0},
      [&] { attention_mix(z.data(), kWidth, scores, values); },
      [&] {
        for (int64_t t = 0; t < tokens; ++t) {
          for (int64_t d = 0; d < kWidth; ++d) {
            float sum = 0;
            for (int64_t s = 0; s <= past + t; ++s)
              sum += memory.data()[t * positions + s] * v.data()[s * kWidth + d];
            z.data()[t * kWidth + d] = sum;
          }
        }
      });
}

void elementwise() {
  constexpr int64_t kRows = 64, kWidth = 768, kInner = 3072;
  const FloatBuffer x = filled(kRows * kInner), y = filled(kRows * kInner), scale = filled(kRows);
  const TensorView hidden = view2(x.data(), kRows, kInner), out = view2(y.data(), kRows, kInner);
  measure(
      {"gelu", "64 x 3072", 0, 4.0 * kRows * kInner},
      [&] { activate(out, hidden, Activation::gelu_new); },
      [&] {
        for (int64_t i = 0; i < kRows * kInner; ++i) {
          const float v = x.data()[i];
          y.data()[i] = 0.5f * v * (1 + std::tanh(0.7978845608f * (v + 0.044715f * v * v * v)));
        }
      });
  const TensorView rows = view2(x.data(), kRows, kWidth),
                   normalized = view2(y.data(), kRows, kWidth);
  const TensorView scales = view2(scale.data(), kRows, 1);
  measure(
      {"layer norm", "64 x 768", 0, 4.0 * kRows * kWidth},
      [&] {
        layer_norm_scale(scales, rows, 1e-5f);
        layer_norm_normalize(normalized, rows, scales);
      },
      [&] {
        for (int64_t t = 0; t < kRows; ++t) {
          const float* row = x.data() + t * kWidth;
          float mean = 0, variance = 0;
          for (int64_t i = 0; i < kWidth; ++i) mean += row[i];
          mean /= kWidth;
          for (int64_t i = 0; i < kWidth; ++i) variance += (row[i] - mean) * (row[i] - mean);
          const float divisor = std::sqrt(variance / kWidth + 1e-5f);
          for (int64_t i = 0; i < kWidth; ++i) y.data()[t * kWidth + i] = (row[i] - mean) / divisor;
        }
      });
}

}  // namespace
}  // namespace glassformer

int main() {
  using namespace glassformer;
  product("f32 product", "q8 product", "1 x 768 x 50257", 1, 768, 50257);
  product("f32 product", "q8 product", "6 x 768 x 3072", 6, 768, 3072);
  product("f32 product", "q8 product", "64 x 768 x 3072", 64, 768, 3072);
  product("f32 product", "q8 product", "64 x 3072 x 768", 64, 3072, 768);
  attention("64 tokens", 64, 0);
  attention("1 token after 511", 1, 511);
  elementwise();
}
