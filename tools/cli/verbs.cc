#include "tools/cli/verbs.h"

#include "tools/cli/run_input.h"
#include "tools/cli/threads_option.h"

namespace glassformer::cli {

std::span<const Verb> verbs() {
  static const Verb all[] = {
      {{.verb = "info",
        .operands = {"MODEL"},
        .options = {{"--json", "", "print one JSON object"}},
        .about = "Print the configuration, the parameters by matrix, dtype and bytes.",
        .details = {}},
       info},
      {{.verb = "tokenize",
        .operands = {"MODEL"},
        .options = {{"--text", "", "print [[id, \"piece\"], ...]"},
                    {"--special", "", "read <|endoftext|> in the text as the one special token"}},
        .about = "Read text from standard input, print its token ids as one JSON array.",
        .details = {}},
       tokenize},
      {{.verb = "detokenize",
        .operands = {"MODEL"},
        .options = {},
        .about = "Read a JSON array of token ids from standard input, print the exact bytes.",
        .details = {}},
       detokenize},
      {{.verb = "trace",
        .operands = {"MODEL"},
        .options = {{"--prompt", "TEXT", "run on this text"},
                    {"--tokens", "1,2,3", "run on these token ids"},
                    {"--out", "FILE.safetensors", "where the activations go (required)"},
                    {"--names", "GLOB,...",
                     "which activations; everything but hook_result if absent"},
                    {"--stop-at-layer", "N", "stop before block N; negative counts from the end"},
                    {"--edits", "FILE.json", "changes to activations, applied in order"},
                    kWeightEditsOption,
                    kThreadsOption},
        .about = "Run the model on a prompt and write its activations as safetensors.",
        .details =
            "Names are TransformerLens's, such as blocks.0.attn.hook_pattern; * and ? are\n"
            "wildcards. An edit is {\"name\": ..., \"op\": zero | scale | add | set | patch | "
            "mean,\n"
            "\"head\", \"position\", \"neuron\": index or [begin, end], \"value\": ...}; one of\n"
            "weights {\"weight\": ..., \"op\": ..., \"row\", \"column\", \"value\"}."},
       trace},
      {{.verb = "analyze",
        .operands = {"MODEL", "ANALYSIS"},
        .options = {{"--prompt", "TEXT", "the text that is analysed"},
                    {"--tokens", "1,2,3", "or its token ids"},
                    {"--options", "JSON", "what the analysis takes besides, as one JSON object"},
                    {"--edits", "FILE.json", "changes to activations, applied in every run"},
                    kWeightEditsOption,
                    {"--out", "FILE.safetensors", "put the answer's tensors there"},
                    {"--json", "", "print the answer on one line"},
                    kThreadsOption},
        .about = "Answer a question about the model as a JSON object.",
        .details =
            "logit_lens            {\"top\": 5, \"tracked\": [\" the\"], \"sublayers\": true}\n"
            "logit_attribution     {\"token\": \" a\", \"against\": \" the\", \"position\": -1}\n"
            "head_scores           {\"length\": 50, \"seed\": 0} where there is no text\n"
            "attention_rollout\n"
            "attention_dot_products {\"block\": 0}\n"
            "activation_patching   {\"from\": TEXT, \"into\": TEXT, \"activation\": "
            "\"attn.hook_z\",\n"
            "                       \"axis\": \"head\", \"metric\": {\"token\": \" a\", "
            "\"against\": \" the\"}}\n"
            "token_combination     {\"tokens\": [{\"id\": \" king\", \"weight\": 1}, ...]}\n"
            "nearest_tokens        {\"vector\": [...], \"top\": 10, \"by\": \"cosine\"}\n"
            "principal_components  {\"vectors\": [[...], ...], \"components\": 2}\n"
            "text_loss             {\"stride\": 512}\n"
            "explain               {\"name\": \"blocks.0.attn.hook_z\", \"index\": [3, 0, 5],\n"
            "                       \"terms\": 20}\n"
            "core/analysis has the definitions and their sources."},
       analyze},
      {{.verb = "generate",
        .operands = {"MODEL"},
        .options = {{"--prompt", "TEXT", "the text to continue (required); empty starts afresh"},
                    {"--max-tokens", "N", "stop after so many tokens (default 50)"},
                    {"--temperature", "T", "0 is greedy (default 1)"},
                    {"--top-k", "K", "keep the K most probable tokens; 0 keeps all (default 0)"},
                    {"--top-p", "P", "keep the fewest tokens that reach P (default 1)"},
                    {"--min-p", "P", "keep those P times as probable as the best (default 0)"},
                    {"--repetition-penalty", "R", "divide the logits of tokens that the text has"},
                    {"--frequency-penalty", "F", "take F off for each time a token was generated"},
                    {"--presence-penalty", "F", "take F off where it was generated at all"},
                    {"--stop", "TEXT", "end before this text"},
                    {"--samples", "N", "so many texts, with the seeds that follow (default 1)"},
                    {"--seed", "S", "the same seed gives the same text (default 0)"},
                    {"--edits", "FILE.json", "changes to activations, applied in every pass"},
                    kWeightEditsOption,
                    {"--json", "", "print one JSON object at the end"},
                    kThreadsOption},
        .about = "Continue a text, printing it as it is made.",
        .details = "It ends with the model's end-of-text token, after N tokens, or where the\n"
                   "context is full."},
       generate},
      {{.verb = "convert",
        .operands = {"MODEL", "OUT_DIR"},
        .options = {{"--dtype", "f32|f16|q8", "how weights are stored (required)"}},
        .about = "Write the model with its weights in another dtype into a new folder.",
        .details = {}},
       convert},
      {{.verb = "bench",
        .operands = {"[MODEL]"},
        .options = {{"--json", "", "print one JSON object"}, kThreadsOption},
        .about = "Measure how fast this machine runs the model, as f32 and as q8.",
        .details =
            "Without MODEL, a synthetic GPT-2 small, which takes 500 MB of memory. Medians of\n"
            "several runs, and their share of what one core can multiply and add (a whole\n"
            "text) or read (one more token), which several together may exceed."},
       bench},
  };
  return all;
}

}  // namespace glassformer::cli
