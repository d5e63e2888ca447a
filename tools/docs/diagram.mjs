// Where each activation stands in the forward pass, as a diagram that Markdown viewers draw.
import { Failure } from '../setup/failure.mjs';

const mermaid = `flowchart TD
  embed["hook_embed"] --> sum0(("+"))
  pos["hook_pos_embed"] --> sum0
  sum0 --> pre
  subgraph block ["block i, n_layer times"]
    pre["blocks.i.hook_resid_pre"] --> ln1["blocks.i.ln1.hook_scale<br/>blocks.i.ln1.hook_normalized"]
    ln1 --> q["blocks.i.attn.hook_q"] & k["blocks.i.attn.hook_k"] & v["blocks.i.attn.hook_v"]
    q & k --> scores["blocks.i.attn.hook_attn_scores"]
    scores -- softmax --> pattern["blocks.i.attn.hook_pattern"]
    pattern & v --> z["blocks.i.attn.hook_z"]
    z --> result["blocks.i.attn.hook_result"]
    result -- "sum over heads + bias" --> attn_out["blocks.i.hook_attn_out"]
    pre --> sum1(("+"))
    attn_out --> sum1
    sum1 --> mid["blocks.i.hook_resid_mid"]
    mid --> ln2["blocks.i.ln2.hook_scale<br/>blocks.i.ln2.hook_normalized"]
    ln2 --> mlp_pre["blocks.i.mlp.hook_pre"]
    mlp_pre -- gelu --> mlp_post["blocks.i.mlp.hook_post"]
    mlp_post --> mlp_out["blocks.i.hook_mlp_out"]
    mid --> sum2(("+"))
    mlp_out --> sum2
    sum2 --> post["blocks.i.hook_resid_post"]
  end
  post --> final["ln_final.hook_scale<br/>ln_final.hook_normalized"]
  final -- unembedding --> logits["logits"]`;

/** In a fence; every name of the table is in it, and no other. */
export function diagram(names) {
  const drawn = mermaid.match(/(?:blocks\.i\.|ln_final\.)?[a-z0-9.]*hook_[a-z_]+|"logits"/g);
  const drawnNames = new Set(drawn.map((name) => name.replaceAll('"', '')));
  const absent = names.filter((name) => !drawnNames.has(name));
  const unknown = [...drawnNames].filter((name) => !names.includes(name));
  if (absent.length > 0 || unknown.length > 0) {
    throw new Failure(
      `The diagram of activations lacks ${absent.join(', ') || 'nothing'} and has ${unknown.join(', ') || 'nothing'} that is not in the table.`,
    );
  }
  return '```mermaid\n' + mermaid + '\n```';
}
