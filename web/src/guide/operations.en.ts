import type { OperationTexts, OtherOperationId } from './texts.ts';

const scaledOtherwise =
  'A sum of many products tends to lie further from zero than a sum of few, and very large scores would push softmax to put nearly everything on one token. So GPT-2 divides each dot product by the square root of the head’s width. This model’s configuration asks for something else, which the formula says. The order of the scores in a row does not change. One score depends on one dot product alone.';

export const operations: Readonly<Record<OtherOperationId, OperationTexts>> = {
  tokenization: {
    words:
      'A model reads numbers, not letters. The tokenizer cuts your text into pieces called tokens: a word, a part of one, a character, or a single byte. It starts from single bytes and joins neighbours by a fixed list of merges, made from a large text before training. Each piece has its id, a whole number below {vocabulary}. The id is only a name: nearby ids need not mean similar things.',
    formula:
      'i sub t, the id of the token at position t, is a whole number from 0 to V minus 1, where V is the size of the vocabulary.',
    notice:
      'Write a word that you made up, and see how many pieces it becomes. The small number under a piece is its id.',
  },
  embedding: {
    words:
      'The id picks one row of a learned table: {width} numbers that stand for the token. A second table has a row for each position; without it, a token would get the same vector wherever it stands. The two rows are added, column by column, so each number here is the sum of just two numbers from the tables. With this sum the token’s residual stream begins.',
    formula:
      'x sub t, c equals W E in row i sub t, column c, plus W P in row t, column c: token embedding plus position embedding.',
    notice:
      'Take a token that occurs twice: its token embeddings agree, the position embeddings differ, and so do the sums.',
  },
  layerNorm: {
    words:
      'Layer norm brings a vector to a standard size before a layer reads it, which keeps training stable. It subtracts the mean of the {width} numbers and divides by their standard deviation; then a learned weight scales each column, and a learned bias shifts it. One number needs its input, the row’s mean and standard deviation, and its column’s weight and bias. The residual stream itself stays as it was.',
    formula:
      'y sub t, c equals gamma sub c times x sub t, c minus mu sub t, over sigma sub t, plus beta sub c. Mu sub t is the mean of x sub t, c over all C columns. Sigma sub t is the square root of a sum: the mean of the squared differences x minus mu, plus epsilon.',
    notice: 'Compare the strip before with the strip after: which columns stand out in both?',
  },
  queryKeyValue: {
    words:
      'From the normalized vector, each head makes three shorter ones with learned matrices. Think of the query as what this token looks for, of the key as what it can be found by, and of the value as what it hands over when it is found. Each has {headWidth} numbers. One of them is a weighted sum of all {width} inputs, with one column of the matrix as the weights, plus a bias.',
    formula:
      'q sub t, d equals the sum over c of y sub t, c times W Q sub c, d, plus b Q sub d. The key k and the value v are made in the same way, with matrices and biases of their own.',
    notice:
      'Where a block has several heads, choose another: the input stays, and the query, key and value change with the matrices.',
  },
  scores: {
    words:
      'How well does a query fit a key? Their dot product tells: multiply the two vectors number by number and add the {headWidth} products. It is large where both are long and point in similar directions, and negative where they point against each other. In the matrix a row is a query and a column is a key; only keys that the query may see are needed.',
    formula: 'r sub t, s equals the sum over d of q sub t, d times k sub s, d.',
    notice:
      'Choose one dot product, and look for the products that decide it. Often a few of them outweigh the rest.',
  },
  scale: {
    words:
      'A sum of many products tends to lie further from zero than a sum of few. Very large scores would push softmax to put nearly everything on one token, and then training hardly gets a signal. So each dot product is divided by the square root of the head’s width, which is {headWidth} here. Their order in a row does not change. One score is one dot product divided by one fixed number.',
    formula: 'e sub t, s equals r sub t, s over the square root of D, the width of a head.',
    notice: 'The number divided by is the same in every cell, for every text.',
    ways: {
      unscaled: {
        words: scaledOtherwise,
        formula: 'e sub t, s equals r sub t, s. Nothing is divided.',
        notice: 'Compare it with the dot products: cell by cell they are the same.',
      },
      scaledByBlock: {
        words: scaledOtherwise,
        formula:
          'e sub t, s equals r sub t, s over n plus 1. n is the number of the block, from 0 on.',
        notice: 'The number divided by is the same in every cell of a block, for every text.',
      },
      scaledTwice: {
        words: scaledOtherwise,
        formula:
          'e sub t, s equals r sub t, s over the product of two: the square root of D, and n plus 1. D is the width of a head, n the number of the block, from 0 on.',
        notice: 'The number divided by is the same in every cell of a block, for every text.',
      },
    },
  },
  mask: {
    words:
      'The model learns to predict what comes next, so a token must not see the tokens after it. Every score above the diagonal, where a key comes later than its query, is set to minus infinity; softmax will turn it into a weight of exactly zero. This is the causal mask. An entry is either the scaled score, or minus infinity. So tokens added at the end change nothing before them.',
    formula:
      'e prime sub t, s equals e sub t, s where s is at most t, and minus infinity where s is greater than t.',
    notice: 'The first token can look only at itself. Its row has a single entry left.',
  },
  weightedSum: {
    words:
      'Now the token collects from what it looked at. Each value vector that it can see is multiplied by its attention weight, and the results are added up: z is an average of values, with attention for weights. One number of z is made from the same column of all visible values. Where one weight is near 1, z is nearly that value; where all are equal, z is the plain mean.',
    formula: 'z sub t, d equals the sum over all s up to t of a sub t, s times v sub s, d.',
    notice: 'Choose the first token: it has only its own value to take, so its z is its value.',
  },
  concatenation: {
    words:
      'Each block has {heads head|heads}. All heads of a block work side by side on the same input, with matrices of their own, and none sees what another does. Their results are laid end to end in the order of their numbers, {headWidth} columns a head, until there are {width} again, as many as the residual stream has. Nothing is computed here: each number is one number of one head.',
    formula:
      'Column h times D plus d of z sub t is column d of what head h made. H heads times width D is the width C.',
    notice:
      'Where there are several heads, choose another, and see which stretch of the long strip belongs to it.',
  },
  outputProjection: {
    words:
      'So far the heads’ results only lie side by side. A learned matrix and a bias turn them into {width} numbers that can be added to the residual stream. Each head has its own rows in this matrix, so its part can be told apart from those of the others; the parts and the bias add up to the result. One number is a weighted sum over all columns of all heads, plus a bias.',
    formula: 'o sub t, c equals the sum over j of z sub t, j times W O sub j, c, plus b O sub c.',
    notice: 'Ask why a number is what it is: the answer lists what each head wrote.',
  },
  residual: {
    words:
      'What a layer computes does not replace its input; it is added to it. The running sum is the residual stream: it begins with the embeddings, and every attention layer and every MLP adds its part. Whatever was written stays in the sum unless something later cancels it, and in training each layer gets its signal directly through the sum. One number is what the stream had, plus what the layer adds.',
    formula:
      'x prime sub t, c equals x sub t, c plus o sub t, c. After the MLP it is the same, with m in the place of o.',
    notice: 'Look at three strips: the stream before, what is added, and the stream after.',
  },
  mlpUp: {
    words:
      'Attention carries information from token to token; the MLP works on each token alone. First a learned matrix turns the normalized vector, {width} numbers, into {mlpWidth}, called neurons. One of them is a weighted sum of all inputs, with the neuron’s own column of the matrix as the weights, plus its bias. So a neuron measures how far the vector points in a direction that it has learned.',
    formula: 'u sub t, f equals the sum over c of y sub t, c times W up sub c, f, plus b up sub f.',
    notice:
      'Choose another token: the matrix is the same for all positions, only the input differs.',
  },
  gelu: {
    words:
      'If layers only multiplied and added, two in a row would amount to one. A nonlinearity in between prevents that. GELU lets large positive numbers pass almost unchanged and brings large negative ones close to zero; in between it bends smoothly, dipping a little below zero. GPT-2 computes it with a formula that uses tanh. One output depends on one input alone, so every neuron is treated by itself.',
    formula:
      'g equals u over 2, times 1 plus the hyperbolic tangent of the square root of 2 over pi times the sum of u and 0.044715 u cubed. u is the neuron before, u sub t, f.',
    notice: 'See where a neuron stands on the curve, and how many of them come out close to zero.',
    ways: {
      relu: {
        words:
          'If layers only multiplied and added, two in a row would amount to one. A nonlinearity in between prevents that. GPT-2 has GELU here; this model has ReLU. A positive number passes unchanged, a negative one becomes zero: the curve is two straight lines with a corner between them. One output depends on one input alone, so every neuron is treated by itself.',
        formula: 'g sub t, f equals the larger of 0 and u sub t, f, the neuron before.',
        notice: 'See where a neuron stands on the curve, and how many of them come out as zero.',
      },
      exactGelu: {
        words:
          'If layers only multiplied and added, two in a row would amount to one. A nonlinearity in between prevents that. GELU lets large positive numbers pass almost unchanged and brings large negative ones close to zero; in between it bends smoothly, dipping a little below zero. GPT-2 comes near it with a formula that uses tanh; this model computes it exactly. One output depends on one input alone, so every neuron is treated by itself.',
        formula:
          'g equals u over 2, times 1 plus the error function of u over the square root of 2. u is the neuron before, u sub t, f.',
        notice:
          'See where a neuron stands on the curve, and how many of them come out close to zero.',
      },
    },
  },
  mlpDown: {
    words:
      'A second matrix leads from the {mlpWidth} neurons back to {width} numbers. A neuron’s row in it is a vector, which the neuron adds to the residual stream, times its own activation. Up, bend and down together can respond to combinations that no single matrix could. One number is the sum over all neurons of activation times weight, plus a bias.',
    formula:
      'm sub t, c equals the sum over f of g sub t, f times W down sub f, c, plus b down sub c.',
    notice: 'Ask why a number is what it is: which neurons add the most to it?',
  },
  finalNorm: {
    words:
      'After the last block the residual stream is normalized once more. GPT-2 normalizes in front of each layer, not behind it, so the finished sum has not been normalized yet. It is the same computation as in the blocks, with a weight and a bias of its own for each column. One number needs its input, the mean and standard deviation of its row, and these two learned numbers.',
    formula:
      'y sub t, c equals gamma sub c times x sub t, c minus mu sub t, over sigma sub t, plus beta sub c. Mu and sigma are the mean and the standard deviation of the row, with epsilon, as in every layer norm.',
    notice: 'Look at the standard deviation: it tells how large the stream has become on its way.',
  },
  unembedding: {
    words:
      'Now the final vector is compared with every token of the vocabulary. Its dot product with a token’s row is that token’s logit. GPT-2 uses the embedding table a second time here, and adds no bias. One logit is a sum of {width} products, one for each column. Only differences between logits matter: raising all of them by the same amount changes no probability.',
    formula:
      'l sub t, w, the logit of token w, equals the sum over c of y sub t, c times W E in row w, column c.',
    notice: 'Ask why a logit is what it is, and follow its largest terms back through the model.',
    ways: {
      untied: {
        words:
          'Now the final vector is compared with every token of the vocabulary. Its dot product with a token’s row is that token’s logit. GPT-2 uses the embedding table a second time here; this model has a matrix of its own. One logit is a sum of {width} products, one for each column. Only differences between logits matter: raising all of them by the same amount changes no probability.',
        formula:
          'l sub t, w, the logit of token w, equals the sum over c of y sub t, c times W U in row w, column c.',
        notice:
          'Ask why a logit is what it is, and follow its largest terms back through the model.',
      },
    },
  },
  temperature: {
    words:
      'Each logit is divided by the temperature; then softmax makes probabilities for all {vocabulary} tokens. At 1 they are the model’s own. Below 1 differences grow, and probability gathers on the likeliest tokens; above 1 they shrink, and it spreads. The order never changes. One probability needs its own logit, and all the others through the sum that softmax divides by.',
    formula:
      'p sub w equals the exponential of the logit of w over tau, divided by the sum of the same over all tokens j. Tau is the temperature.',
    notice: 'Move the temperature slowly to both ends, and watch the bars gather and spread.',
  },
  topK: {
    words:
      'Every token of the vocabulary gets some probability, however little sense it makes, and together the small ones may count. Top-k keeps the k most probable tokens and drops the others. What is kept is divided by its sum, so that it adds up to 1 again. One kept probability is its old value over that sum; a dropped one becomes 0.',
    formula:
      'p prime sub w equals p sub w over the sum of the k largest probabilities, where the rank of w is at most k, and 0 where it is greater.',
    notice: 'Set k to 1: a single token is left, and its probability is 1.',
  },
  topP: {
    words:
      'Top-p also cuts off the tail, but lets the model’s certainty decide where. It goes down the list from the most probable token, keeps tokens until their probabilities together reach P, and drops the rest. Where the model is sure, few remain; where it is not, many. On this page it follows top-k and works on what that left. The kept probabilities are again divided by their sum.',
    formula:
      'n, the number of tokens kept, is the smallest m for which the m largest probabilities add up to at least P.',
    notice: 'Lower top-p step by step, and watch from where the list is cut.',
  },
  sampling: {
    words:
      'One token is drawn. The kept tokens lie side by side on a line from 0 to 1, each as wide as it is probable. A random number between 0 and 1 falls on one of them: that is the next token. The seed fixes the random numbers, so the same text, model and settings give the same token. Greedy does not draw: it takes the most probable token.',
    formula:
      'r, the rank of the drawn token, is the smallest m for which the m largest kept probabilities add up to more than U. U is a random number from 0 up to, but not including, 1.',
    notice: 'Change the seed: the probabilities stay, the draw falls elsewhere.',
  },
};
