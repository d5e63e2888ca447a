// A GPT-2 as llama.cpp stores it: matrices in q8_0, vectors and position embeddings in f32.
import { bytesOf, writeFileStreaming } from '../model/files.mjs';
import { merges, spellingsOf } from '../model/vocabulary.mjs';
import { transpose } from '../onnx/quantize.mjs';
import { ggufHeader, metadata, padding } from './gguf_file.mjs';
import { quantizeQ8_0 } from './q8_0.mjs';

const mostlyQ8_0 = 7; // general.file_type

/** Parts of a block by their Hugging Face names, and what llama.cpp calls them. */
const blockNames = {
  ln_1: 'attn_norm',
  'attn.c_attn': 'attn_qkv',
  'attn.c_proj': 'attn_output',
  ln_2: 'ffn_norm',
  'mlp.c_fc': 'ffn_up',
  'mlp.c_proj': 'ffn_down',
};

/** {from, name, type, dims, transposed} of each tensor. The head is the embedding: it is tied. */
function tensorsOf(checkpoint, config) {
  const vector = (from, name) => ({ from, name, type: 'f32', dims: checkpoint.dims(from) });
  // Conv1D has [in, out]; ggml wants the numbers of one output side by side.
  const tensor = (from, name) => {
    const dims = checkpoint.dims(from);
    return dims.length === 1
      ? vector(from, name)
      : { from, name, type: 'q8_0', dims: dims.toReversed(), transposed: true };
  };
  const both = (from, name) =>
    ['weight', 'bias'].map((part) => tensor(`${from}.${part}`, `${name}.${part}`));
  return [
    {
      from: 'wte.weight',
      name: 'token_embd.weight',
      type: 'q8_0',
      dims: checkpoint.dims('wte.weight'),
    },
    vector('wpe.weight', 'position_embd.weight'),
    ...Array.from({ length: config.n_layer }, (_, i) =>
      Object.entries(blockNames).flatMap(([from, name]) =>
        both(`h.${i}.${from}`, `blk.${i}.${name}`),
      ),
    ).flat(),
    ...both('ln_f', 'output_norm'),
  ];
}

function metadataOf(config) {
  const spellings = spellingsOf(config.vocab_size);
  const control = 3;
  const normal = 1;
  return [
    metadata('general.architecture', 'string', 'gpt2'),
    metadata('general.name', 'string', 'gpt2'),
    metadata('general.file_type', 'uint32', mostlyQ8_0),
    metadata('general.quantization_version', 'uint32', 2),
    metadata('gpt2.context_length', 'uint32', config.n_positions),
    metadata('gpt2.embedding_length', 'uint32', config.n_embd),
    metadata('gpt2.feed_forward_length', 'uint32', config.n_inner ?? 4 * config.n_embd),
    metadata('gpt2.block_count', 'uint32', config.n_layer),
    metadata('gpt2.attention.head_count', 'uint32', config.n_head),
    metadata('gpt2.attention.layer_norm_epsilon', 'float32', config.layer_norm_epsilon),
    metadata('tokenizer.ggml.model', 'string', 'gpt2'),
    metadata('tokenizer.ggml.pre', 'string', 'gpt-2'),
    metadata('tokenizer.ggml.tokens', 'string[]', spellings),
    metadata(
      'tokenizer.ggml.token_type',
      'int32[]',
      spellings.map((_, id) => (id === config.eos_token_id ? control : normal)),
    ),
    metadata('tokenizer.ggml.merges', 'string[]', merges),
    metadata('tokenizer.ggml.bos_token_id', 'uint32', config.bos_token_id),
    metadata('tokenizer.ggml.eos_token_id', 'uint32', config.eos_token_id),
    metadata('tokenizer.ggml.add_bos_token', 'boolean', false),
  ];
}

export async function writeGguf(file, checkpoint, config) {
  const tensors = tensorsOf(checkpoint, config);
  await writeFileStreaming(file, async (write) => {
    await write(ggufHeader(metadataOf(config), tensors));
    for (const { from, type, transposed } of tensors) {
      const values = await checkpoint.values(from);
      const ordered = transposed ? transpose(values, checkpoint.dims(from)[1]) : values;
      const bytes = type === 'q8_0' ? quantizeQ8_0(ordered) : bytesOf(ordered);
      await write(bytes);
      await write(padding(bytes.length));
    }
  });
}
