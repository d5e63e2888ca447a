// Results of analyses in JSON.
#pragma once

#include "core/analysis/attribution.h"
#include "core/analysis/embeddings.h"
#include "core/analysis/explain.h"
#include "core/analysis/head_scores.h"
#include "core/analysis/logit_lens.h"
#include "core/analysis/patching.h"
#include "core/analysis/principal_components.h"
#include "core/analysis/request.h"
#include "core/analysis/text_loss.h"

namespace glassformer {

AnalysisReply form_of(const LogitLens& lens);
AnalysisReply form_of(const Attribution& attribution);
AnalysisReply form_of(const HeadScores& scores, const Config& config,
                      const std::vector<int32_t>& tokens);
AnalysisReply form_of(const Patching& patching);
AnalysisReply form_of(const std::vector<NearToken>& tokens);
AnalysisReply form_of(const PrincipalComponents& components);
AnalysisReply form_of(const TextLoss& loss);
AnalysisReply form_of(const Explanation& explanation);
// Nothing but one tensor.
AnalysisReply form_of(ReplyTensor tensor);

}  // namespace glassformer
