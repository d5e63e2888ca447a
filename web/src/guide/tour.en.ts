import type { StepText } from './texts.ts';
import type { StepId } from './tour_steps.ts';

const scaledOtherwise =
  'GPT-2 divides each dot product by the square root of how many numbers a query has, and calls it a score. Without that, wider heads would tend to have larger scores, and training could hardly change them. This model’s configuration asks for something else; its formula stands with the words about this operation. The next steps turn scores into shares.';

export const tour: Readonly<Record<StepId, StepText>> = {
  prediction: {
    title: 'What is predicted',
    text: 'A language model reads a text and gives every token it knows a probability of coming next. Your text is “{text}”. Most probable after it, as things are set, is “{nextToken}” with {nextProbability}; the one in orange was drawn, of which more later. This tour follows how the model “{model}” arrives at that number. Not one number on the way is made up.',
  },
  tokens: {
    title: 'Text becomes tokens',
    text: 'The model does not read letters but numbers. Your text is first cut into tokens: {count token|tokens} here, the last one “{lastToken}”. A token may be a word, a part of a word, a character or a single byte; the dot “·” is a space. Each has a number of its own, its id, in small print below it. The ids are all that the model gets of your text.',
  },
  embedding: {
    title: 'A vector for each token',
    text: 'Each token becomes {width} numbers: its row of the embedding table, plus a row for its position, without which order would be hard to tell. Such a list is a vector, each place in it a column. In training the model guessed next tokens of many texts, and its numbers were moved, bit by bit, towards better guesses. Few columns mean something by themselves.',
  },
  stream: {
    title: 'The residual stream',
    text: 'Follow the line below a row, or behind it, to its end (on a narrow screen, the line at the left): this is the residual stream, one vector for each token. Nothing on the way replaces it. Each layer of the model reads a copy and adds its result. So all that is worked out for a token comes together in one sum, from which the prediction is read.',
  },
  blocks: {
    title: 'Blocks and heads',
    text: 'The stream passes through {blocks block|blocks}, all built alike, each with numbers of its own that training has set: its weights. A block has two layers: attention, with {heads head|heads} side by side, and an MLP (multilayer perceptron), a small network for each token alone. The flow shows one block; on this map a row is a block, a column a head. You are at block {block}, head {head}, counted from 0.',
  },
  norm: {
    title: 'First, a common scale',
    text: 'Before a layer reads the stream, layer norm makes a copy on a common scale: the token’s {width} numbers, less their mean, are divided by their standard deviation, which gives the number below; then each column is multiplied by a weight, and a bias, a constant, is added. The stream may grow with every addition; what the layers read stays of a similar size.',
  },
  'query-key-value': {
    title: 'Query, key and value',
    text: 'What a token means depends on others; attention collects from them what it needs. Each head makes three small vectors of every token: a query Q, which asks; a key K, by which it can be found; and a value V, which it hands over. Each has a matrix found in training: every one of the {headWidth} numbers is a weighted sum of the {width} normalized ones, plus a bias.',
  },
  scores: {
    title: 'Query meets key',
    text: 'Take the query of one token and the key of another, or its own; multiply number by number and add up: the dot product. In this triangle a row belongs to a query, a column to a key. The larger it is (of negative ones, the closer to zero), the better what this head asks for here fits what is offered there. Only numbers of one row are compared.',
  },
  scale: {
    title: 'Keeping the scores moderate',
    text: 'Each dot product is divided by the square root of {headWidth}, which is how many numbers a query has; now it is called a score. The next steps turn scores into shares. Without the division, wider heads would tend to have larger scores, one share would take nearly everything, and training could hardly change it.',
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
    text: 'Softmax takes each score’s exponential (never negative) and divides it by their sum over the row. So weights add up to 1: the higher the score, the larger the weight. Unlike trained weights, these change with your text. From the chosen token, this head looks most at “{strongestKey}”, with {strongestWeight}. That says where it reads, not how much it matters in the end.',
  },
  values: {
    title: 'Collecting values',
    text: 'Each value is multiplied by its weight, and the products are added up. “{strongestKey}” has the largest share; what is masked has none. The result, z (“mix” in the flow), has {headWidth} numbers: what this head gathered for this token. Attention is the only place in the model where one token’s vector can influence another’s.',
  },
  'heads-together': {
    title: 'Heads side by side',
    text: 'Every head of the block has done the same with its own matrices; this model has {heads head|heads} in a block. Now their results are laid end to end: {headWidth} numbers from each, {width} altogether. Nothing is computed. Each head reads all columns and gives its share of the width, so one block can look for several things at once.',
  },
  projection: {
    title: 'Ready for the stream',
    text: 'Another matrix, with a bias, turns what was gathered into {width} numbers that fit the stream. Each is a sum over the numbers of all heads. A head has its own rows of the matrix: they settle which columns of the stream it writes to, and how. So each of these sums can be taken apart again, head by head.',
  },
  residual: {
    title: 'Added, not replaced',
    text: 'What attention has worked out is added to the stream: the vector before, plus the addition, is the vector after. This is the residual connection. A layer that has nothing to contribute can add something close to zero. And what an early layer has written is still there for a late one to read.',
  },
  'mlp-up': {
    title: 'The MLP looks for patterns',
    text: 'Now each token is worked on alone. After a second layer norm, a matrix makes {mlpWidth} numbers of the {width}. They are called neurons. Each is a weighted sum that measures how much the vector has of one pattern. The result may be positive or negative.',
  },
  gelu: {
    title: 'A bend in the line',
    text: 'Each neuron goes through the same curve, named GELU. Large positive numbers pass almost unchanged; large negative ones come out close to zero. Without such a bend, this matrix and the one that follows could be multiplied into a single one, and nothing would be gained. The bend lets a neuron that has not found its pattern put out next to nothing.',
    ways: {
      relu: 'Each neuron goes through the same curve: in GPT-2 that is GELU, in this model ReLU. Positive numbers pass unchanged; negative ones become zero. Without such a bend, this matrix and the one that follows could be multiplied into a single one, and nothing would be gained. The bend lets a neuron that has not found its pattern put out next to nothing.',
    },
  },
  'mlp-down': {
    title: 'Back into the stream',
    text: 'A second matrix has a row of {width} numbers for each neuron. The row is multiplied by what came out of the curve, the neuron’s activation. All the products together, and a bias, are the output of the MLP; like that of attention, it is added to the stream. With this the block is complete.',
  },
  depth: {
    title: 'Block after block',
    text: 'Blocks follow one another; this model has {blocks}. Each reads the embeddings and what all before it have written, so that a later one can build on an earlier one. Choose a few heads on the map and compare them. The computation is the same everywhere. Only the weights differ, and with them what each head looks for.',
  },
  'final-norm': {
    title: 'The last norm',
    text: 'The stream has left the last block. It is now the sum of the embeddings and of everything the layers added. As each layer did, the prediction reads a normalized copy (the number below is still without its weight and bias). Your next token is read from the last token’s vector alone; every other one predicts the token that follows it.',
  },
  logits: {
    title: 'A number for every token',
    text: 'The final vector meets the embedding of each of the {vocabulary} tokens in a dot product. The result is one number for each token, its logit. This model, built like GPT-2, uses the embedding table again: at the beginning it led from an id to a vector, now from a vector to a number for every id. A logit may be any number, also a negative one.',
    ways: {
      untied:
        'The final vector meets a row for each of the {vocabulary} tokens in a dot product. The result is one number for each token, its logit. GPT-2 reads the table here that made vectors of tokens at the beginning; this model has a matrix of its own. A logit may be any number, also a negative one.',
    },
  },
  temperature: {
    title: 'Logits become probabilities',
    text: 'The logits are divided by the temperature; then softmax makes probabilities of them, which add up to 1. At temperature 1 they are the model’s own. Lower, it keeps to its favourites; higher, it ventures further. With the settings as they are, “{nextToken}” has {nextProbability}, in the column “Softmax”.',
  },
  'top-k': {
    title: 'Cutting by rank',
    text: 'The list has {vocabulary} tokens, and almost all of them are improbable. Top-k keeps the first k and drops the rest. Then the kept probabilities are divided by their sum, so that they add up to 1 again: the column “Kept”. The number k is yours to choose; the model knows nothing of it.',
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
    text: 'The drawn token goes to the end of your text, and the next one is predicted in the same way. That is how the model writes: predict, draw, append, repeat. Generate one, or let it run until it draws the end of the text, or has {context} tokens: it cannot read more. Probabilities in the row of tokens are without temperature and cuts, and may differ.',
  },
  cache: {
    title: 'What is kept',
    text: 'A new token changes nothing for those before it, for they cannot look ahead. So their keys and values are kept, in what is called the KV cache, and only the new token is computed: its query meets the kept keys and its own, and collects from their values. Generate a token: K and V then mark what was kept, such as the first token’s, which is selected.',
  },
  change: {
    title: 'Now change the text',
    text: 'Write something of your own, or change a single word, and watch the numbers move. Tokens before the change keep theirs; from the change on they are new. Then try it the other way round: which words must come first, so that the token you have in mind becomes the most probable?',
  },
  single: {
    title: 'Heads that single one out',
    text: 'Some heads put most of their weight on one token: the one before, the first, or an earlier one that is alike. The map now shows the “Spread”: the stronger its colour, the fewer tokens a head looks at. Open a few of them; a longer text shows more. What such a head is for, its pattern alone cannot prove.',
  },
  why: {
    title: 'Why this number?',
    text: 'Click a number of the flow or of an operation. The page shows its formula and the terms that add up to it, the furthest from zero first. Each term can be asked in its turn, back to weights and tokens of your text. That is all: tokens become vectors, attention and MLPs add to a stream, and its end gives the probabilities. The article below tells it once more.',
  },
};
