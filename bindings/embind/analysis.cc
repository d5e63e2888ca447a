// Analyses: a question, its progress, its answer.
#include <emscripten/bind.h>

#include <utility>

#include "bindings/embind/edits.h"
#include "bindings/embind/model.h"
#include "bindings/embind/support.h"
#include "core/analysis/request.h"

namespace glassformer {
namespace {

using emscripten::val;

// The answer to one question about a model.
class Analysis {
 public:
  explicit Analysis(Work<AnalysisReply> work) : work_(std::move(work)) {}

  bool step() { return work_.step(); }
  int done() const { return work_.progress().done; }
  int total() const { return work_.progress().total; }
  val reply() {
    Result<AnalysisReply> reply = work_.result();
    if (!reply) return failure(reply.error());
    reply_ = *std::move(reply);
    auto js = val::object();
    js.set("json", reply_.json);
    js.set("tensors", static_cast<int>(reply_.tensors.size()));
    return success(js);
  }
  // One at a time, because making the next one could grow the memory under a view of this one.
  val tensor(int index) const {
    const ReplyTensor& tensor = reply_.tensors[static_cast<size_t>(index)];
    auto js = val::object();
    js.set("name", tensor.name);
    js.set("dims", dims_to_js(tensor.dims));
    js.set("data", heap_view<float>(tensor.data));
    return js;
  }

 private:
  Work<AnalysisReply> work_;
  AnalysisReply reply_;
};

val open_analysis_of(const LoadedModel& loaded, const std::string& json, const val& js_edits,
                     const val& values) {
  Result<std::vector<Edit>> edits = edits_from_js(js_edits, loaded.model()->config);
  if (!edits) return failure(edits.error());
  Result<Work<AnalysisReply>> work = open_analysis(
      loaded.model(), {.json = json,
                       .edits = *std::move(edits),
                       .values = emscripten::convertJSArrayToNumberVector<float>(values)});
  if (!work) return failure(work.error());
  return success(owned(Analysis(*std::move(work))));
}

}  // namespace

EMSCRIPTEN_BINDINGS(glassformer_analysis) {
  emscripten::function("openAnalysis", &open_analysis_of);
  emscripten::class_<Analysis>("Analysis")
      .smart_ptr<std::shared_ptr<Analysis>>("AnalysisPointer")
      .property("done", &Analysis::done)
      .property("total", &Analysis::total)
      .function("step", &Analysis::step)
      .function("reply", &Analysis::reply)
      .function("tensor", &Analysis::tensor);
}

}  // namespace glassformer
