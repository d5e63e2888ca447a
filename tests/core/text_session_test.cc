// A text that grows is, at every length, the text run as a whole.
#include "core/text_session.h"

#include <gtest/gtest.h>

#include "core/weight_edits.h"
#include "tests/support/models.h"
#include "tests/support/near.h"

namespace glassformer {
namespace {

using namespace testing_support;

class Session : public ::testing::Test {
 protected:
  std::shared_ptr<Model> model = std::make_shared<Model>(load_model("weights/stories"));
  TextSession session = *TextSession::create(model, 16);
  std::vector<int32_t> prompt = {912, 673, 258};

  void grow(TextSession& text, std::vector<int32_t> tokens) {
    const Status status = text.begin(tokens, {});
    ASSERT_TRUE(status.ok()) << status.error().message;
    while (text.step()) {
    }
    text.end();
  }
  std::vector<float> alone(const std::vector<int32_t>& tokens) {
    const ForwardPass pass = run_fresh(*model, tokens, {});
    return {pass.logits().span().begin(), pass.logits().span().end()};
  }
};

TEST_F(Session, HasTheLogitsOfTheWholeText) {
  grow(session, prompt);
  EXPECT_TRUE(all_near(session.logits(), alone(prompt), kReorderingTolerance));
  grow(session, {508});
  EXPECT_TRUE(all_near(session.logits(), alone({912, 673, 258, 508}), kReorderingTolerance));
}

TEST_F(Session, KnowsThePromptFromWhatFollows) {
  grow(session, prompt);
  EXPECT_TRUE(session.context().generated.empty());
  grow(session, {508});
  grow(session, {11});
  const SamplingContext context = session.context();
  EXPECT_EQ(std::vector<int32_t>(context.prompt.begin(), context.prompt.end()), prompt);
  EXPECT_EQ(std::vector<int32_t>(context.generated.begin(), context.generated.end()),
            (std::vector<int32_t>{508, 11}));
}

TEST_F(Session, ForksGrowApart) {
  grow(session, prompt);
  TextSession fork = *session.fork();
  EXPECT_TRUE(all_near(fork.logits(), alone(prompt), kReorderingTolerance));
  grow(fork, {508});
  grow(session, {11});
  EXPECT_TRUE(all_near(fork.logits(), alone({912, 673, 258, 508}), kReorderingTolerance));
  EXPECT_TRUE(all_near(session.logits(), alone({912, 673, 258, 11}), kReorderingTolerance));
}

TEST_F(Session, RefusesToMixWeights) {
  grow(session, prompt);
  WeightEditor editor(model->weights);
  const std::vector<WeightEdit> edits = {{.weight = "wpe.weight"}};
  ASSERT_TRUE(editor.apply(edits).ok());
  EXPECT_EQ(session.begin(prompt, {}).error().message,
            "the weights have changed since this text was begun; begin it again");
  TextSession fresh = *TextSession::create(model, 8);
  EXPECT_TRUE(fresh.begin(prompt, {}).ok());
}

TEST_F(Session, RefusesWhatDoesNotFit) {
  EXPECT_EQ(session.begin(std::vector<int32_t>(17, 5), {}).error().code,
            ErrorCode::context_overflow);
  grow(session, prompt);
}

}  // namespace
}  // namespace glassformer
