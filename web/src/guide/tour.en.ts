import type { StepText } from './texts.ts';
import type { StepId } from './tour_steps.ts';

const scaledOtherwise =
  'GPT-2 divides each score by the square root of the head’s width. Without that, wider heads would tend to have larger scores, softmax would come close to all or nothing, and training would hardly get a signal. This model’s configuration asks for something else; its formula stands with the words about this operation. Within a row the order stays the same.';

export const tour: Readonly<Record<StepId, StepText>> = {
  prediction: {
    title: 'What is predicted',
    text: 'A language model reads a text and gives every token it knows a probability of coming next. Your text is “{text}”. Most probable after it is “{nextToken}”, with {nextProbability} at the temperature you have set. This tour follows how the model “{model}” arrives at that number. Not one number on the way is made up.',
  },
  tokens: {
    title: 'Text becomes tokens',
    text: 'The model does not see letters. Your text is first cut into tokens: {count token|tokens} here, the last one “{lastToken}”. A token may be a word, a part of a word, a character or a single byte. Each has a number of its own, its id. From here on the model has one vector for each token.',
  },
  embedding: {
    title: 'A vector for each token',
    text: 'Each token is turned into {width} numbers: its row of the embedding table, plus a row for its position. Such a list of numbers is called a vector. Training has put into it what helped to predict. A single column seldom has a meaning that one could name; directions of the whole vector often do.',
  },
  stream: {
    title: 'The residual stream',
    text: 'Follow the thread from its beginning to its end: this is the residual stream, one vector for each token. No layer replaces it. Each layer reads a copy and adds what it has worked out. So all that the model computes about a token comes together in one sum, and from that sum the prediction is read at the end.',
  },
  blocks: {
    title: 'Blocks and heads',
    text: 'The stream passes through {blocks block|blocks}, all built alike, each with weights of its own. A block has two layers: attention, with {heads head|heads}, and an MLP. On this map a row is a block and a column is a head. You are at block {block}, head {head}; numbering starts at 0.',
  },
  norm: {
    title: 'First, a common scale',
    text: 'Before a layer reads the stream, layer norm makes a copy on a common scale: the mean is taken away, the rest divided by the standard deviation, then each column is weighted and shifted. The stream may grow with every addition; what the layers read stays of a similar size.',
  },
  'query-key-value': {
    title: 'Query, key and value',
    text: 'Attention lets tokens pass information on. For this, each head makes three small vectors of every token: a query, which asks; a key, by which the token can be found; and a value, which it will hand over. Each has {headWidth} numbers. What is asked for, nobody wrote down: training found it.',
  },
  scores: {
    title: 'Query meets key',
    text: 'Take the query of one token and the key of another, multiply them number by number and add up. This dot product is the score. In the matrix a row belongs to a query and a column to a key. A high score means: what this head asks for here fits what is offered there.',
  },
  scale: {
    title: 'Keeping the scores moderate',
    text: 'Each score is divided by the square root of the head’s width, {headWidth}. It looks like a detail. Without it, wider heads would tend to have larger scores, softmax would come close to all or nothing, and training would hardly get a signal. Within a row the order stays the same.',
    ways: {
      unscaled: scaledOtherwise,
      scaledByBlock: scaledOtherwise,
      scaledTwice: scaledOtherwise,
    },
  },
  mask: {
    title: 'No looking ahead',
    text: 'A token may look at itself and at what came before it, never at what comes after. So every score above the diagonal is set to minus infinity. What follows is just what the model has to predict, and it must not be able to copy it. Thanks to the mask, all positions of a text can be trained on together.',
  },
  softmax: {
    title: 'From scores to weights',
    text: 'Softmax turns each row into weights, none of them negative, that add up to 1. From the chosen token, this head looks most at “{strongestKey}”, with a weight of {strongestWeight}. A weight says where the head reads; it does not say what it reads there, nor how much that matters in the end.',
  },
  values: {
    title: 'Collecting values',
    text: 'Each value is multiplied by its weight, and the products are added up. “{strongestKey}” has the largest share; what is masked has none. The result, z, has {headWidth} numbers: what this head gathered for this token. Attention is the only place in the model where one token’s vector can influence another’s.',
  },
  'heads-together': {
    title: 'Heads side by side',
    text: 'Every head of the block has done the same with its own matrices; this model has {heads head|heads} in a block. Now their results are laid end to end: {headWidth} numbers from each, {width} altogether. Nothing is computed. Dividing the width among heads lets one block look for several things at once.',
  },
  projection: {
    title: 'Writing to the stream',
    text: 'One more matrix, with a bias, turns what was gathered into {width} numbers that fit the stream. Each head has its own rows of the matrix. They settle which columns of the stream it writes to, and how. So the sum can be taken apart again, head by head.',
  },
  residual: {
    title: 'Added, not replaced',
    text: 'What attention has worked out is added to the stream: the vector before, plus the addition, is the vector after. This is the residual connection. A layer that has nothing to contribute can add something close to zero. And what an early layer has written is still there for a late one to read.',
  },
  'mlp-up': {
    title: 'The MLP looks for patterns',
    text: 'Now each token is worked on alone. After a second layer norm, a matrix makes {mlpWidth} numbers of the {width}. They are called neurons. Each is a weighted sum, and so puts one question to the vector: how far does it point in my direction? The answer may be positive or negative.',
  },
  gelu: {
    title: 'A bend in the line',
    text: 'Each neuron goes through the same curve, named GELU. Large positive numbers pass almost unchanged; large negative ones come out close to zero. Without such a bend, the two matrices of the MLP could be multiplied into a single one, and nothing would be gained. The bend lets a neuron keep silent.',
    ways: {
      relu: 'Each neuron goes through the same curve: in GPT-2 that is GELU, in this model ReLU. Positive numbers pass unchanged; negative ones become zero. Without such a bend, the two matrices of the MLP could be multiplied into a single one, and nothing would be gained. The bend lets a neuron keep silent.',
    },
  },
  'mlp-down': {
    title: 'Back into the stream',
    text: 'For each neuron there is a vector of {width} numbers. The neuron adds it to the stream, multiplied by its own activation. All of these together, and a bias, are the output of the MLP; like that of attention, it is added to the stream. With this the block is complete.',
  },
  depth: {
    title: 'Block after block',
    text: 'Blocks follow one another; this model has {blocks}. Each reads what all before it have written, so that a later one can build on an earlier one. Go through the map and compare the heads. The computation is the same everywhere. Only the weights differ, and with them what each head looks for.',
  },
  'final-norm': {
    title: 'The last norm',
    text: 'The stream has left the last block. It is now the sum of the embeddings and of everything the layers added. It is normalized once more, with a weight and a bias for each column. For your next token only the last row counts: every other row predicts the token that follows it in the text.',
  },
  logits: {
    title: 'A number for every token',
    text: 'The final vector meets the embedding of each of the {vocabulary} tokens in a dot product. The result is one number for each token, its logit. The table is the one that made vectors of tokens at the beginning; here GPT-2 reads it the other way round. A logit may be any number, also a negative one.',
    ways: {
      untied:
        'The final vector meets a row for each of the {vocabulary} tokens in a dot product. The result is one number for each token, its logit. GPT-2 reads the table here that made vectors of tokens at the beginning; this model has a matrix of its own. A logit may be any number, also a negative one.',
    },
  },
  temperature: {
    title: 'Logits become probabilities',
    text: 'The logits are divided by the temperature; then softmax makes probabilities of them, which add up to 1. At temperature 1 they are the model’s own. Lower, it keeps to its favourites; higher, it ventures further. With your settings, “{nextToken}” has {nextProbability}.',
  },
  'top-k': {
    title: 'Cutting by rank',
    text: 'The list has {vocabulary} tokens, and almost all of them are improbable. Top-k keeps the first k and drops the rest. Then the kept probabilities are divided by their sum, so that they add up to 1 again. The number k is yours to choose; the model knows nothing of it.',
  },
  'top-p': {
    title: 'Cutting by probability',
    text: 'Top-p cuts in another way. It goes down the list and keeps tokens until together they reach the probability p. Where the model is sure, the list becomes short; where it is not, it stays long. At p = 1 nothing is cut. On this page top-p works on what top-k has left.',
  },
  draw: {
    title: 'The draw',
    text: 'One of the kept tokens is drawn. On the line they lie side by side, each as wide as it is probable, and a random number falls on one of them. The seed makes the draw repeatable. Greedy does without it and always takes the most probable token; such texts tend to repeat themselves.',
  },
  generation: {
    title: 'Again, and again',
    text: 'The drawn token goes to the end of your text, and everything starts over with one token more. That is how the model writes: predict, draw, append, repeat. Generate a token, or let it run. The text may grow to {context} tokens; this model cannot read more.',
  },
  cache: {
    title: 'What is kept',
    text: 'A new token changes nothing in the rows before it, for they cannot look ahead. So their keys and values are kept, in what is called the KV cache, and only the new row is computed: its query meets the kept keys and collects from the kept values. Generate a token: the page marks what was kept at K and V.',
  },
  change: {
    title: 'Now change the text',
    text: 'Write something of your own, or change a single word, and watch the numbers move. Tokens before the change keep theirs; those after it get new ones. Then try it the other way round: which words must come first, so that the token you have in mind becomes the most probable?',
  },
  single: {
    title: 'Heads that single one out',
    text: 'Some heads put most of their weight on one token: the one before, the first, or an earlier one that is alike. Go through the map and look for them. Its measure “Spread” helps: where it is low, a head looks at few tokens. What such a head is for, its pattern alone cannot prove.',
  },
  why: {
    title: 'Why this number?',
    text: 'Whenever a number puzzles you, ask it. The page shows the formula and the terms that it is the sum of, the largest first. Each term can be asked in its turn, back to the weights and the tokens of your text. Nothing else is in there. You have seen all of it.',
  },
};
