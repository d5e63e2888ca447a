import type { SectionId } from './article.ts';
import { root, sup } from './math.ts';
import type { ArticleText } from './texts.ts';

export const article: ArticleText<SectionId> = {
  reading: 'Further reading',
  formulas: {
    loss: 'The loss is minus the mean, over all positions t that have a next token, of the logarithm of the probability of token i sub t plus 1, given the tokens from i sub 0 to i sub t.',
    stream:
      'x sub t, c at the end equals the token embedding plus the position embedding plus the sum over all L blocks n of o n sub t, c and m n sub t, c.',
    attention:
      'Attention of Q, K and V is the softmax of Q times K transposed, over the square root of D, plus M; all of it times V.',
    parameters:
      'N equals V C plus S C plus L B plus 2 C, where B equals 4 C squared plus 2 C F plus 9 C plus F; then both with the numbers of this model.',
  },
  sections: {
    'next-token': {
      title: 'Guessing the next token',
      paragraphs: [
        [
          'A language model does one thing. It reads a text and gives every ',
          { term: 'token' },
          ' it knows a probability of coming next. Tokens are short pieces of text. The model on this page knows {vocabulary} of them. After your text, at the temperature you have set, “{nextToken}” is the most probable, with {nextProbability}. Whatever else such models are used for rests on this step: to write, they choose a token, append it, and guess again.',
        ],
        [
          'Nobody told the model what to look for. It has {parameters} adjustable numbers, its ',
          { term: 'parameters' },
          '. In training it was given a great deal of text, and at each position it had to say what comes next. The ',
          { term: 'loss' },
          ' is the mean of minus the logarithm of the probability that it gave to the token that did come. Over a text of ',
          { math: 'T' },
          ' tokens:',
        ],
        [{ formula: 'loss' }],
        [
          'A low loss means that the text seldom surprised it. Training moves every parameter a little, in the direction that lowers the loss, a great many times. Then the parameters stay as they are. What you see here is the finished model at work. What is only done in training, such as dropout where it is used, is switched off.',
        ],
      ],
    },
    vectors: {
      title: 'From text to vectors',
      paragraphs: [
        [
          'Computing needs numbers. The ',
          { term: 'tokenizer' },
          ' first cuts the text roughly where words begin, then takes each piece as a row of bytes and joins neighbours by a fixed list of merges, until none applies. Common words come out as one token, rare ones as several. Where every byte has a token, as in GPT-2, no text is unknown. Yours has {count token|tokens}.',
        ],
        [
          'Each token has a row of {width} numbers in the embedding table ',
          { math: sup('W', 'E') },
          ', and each position has a row in a second table, ',
          { math: sup('W', 'P') },
          '. Both tables were learned. The vector that enters the model at position ',
          { math: 't' },
          ', in each column ',
          { math: 'c' },
          ', is the sum of the two:',
        ],
        [{ formula: 'embedding' }],
        [
          'Does adding not mix up which token it is with where it stands? In a space of many dimensions the two can lie along different directions, and the layers learn to tell them apart. The table of positions has {context} rows. That is why this model can read {context} tokens and no more.',
        ],
      ],
    },
    stream: {
      title: 'One running sum',
      paragraphs: [
        [
          'From here on, each token has a vector that leads all the way to the end: its ',
          { term: 'residual stream' },
          '. A layer does not replace it. It reads the vector, computes something, and adds the result. This model has {blocks block|blocks}; what leaves the last is therefore a plain sum:',
        ],
        [{ formula: 'stream' }],
        [
          'Here ',
          { math: 'o' },
          ' is what the attention of block ',
          { math: 'n' },
          ' added, and ',
          { math: 'm' },
          ' what its MLP added. In training this helps because the gradient, which tells each parameter where to move, reaches every layer directly through the sum; without such a path, deep models are hard to train. It also helps whoever looks inside: each number of the stream can be taken apart, exactly, into what every layer wrote. When you ask this page why a number of the stream is what it is, this sum is the answer.',
        ],
      ],
    },
    norm: {
      title: 'Layer norm, before each layer',
      paragraphs: [
        [
          'Sums grow. So that a layer always meets numbers of similar size, it does not read the stream itself but a normalized copy of it:',
        ],
        [{ formula: 'layerNorm' }],
        [
          'Mean and standard deviation are taken over the {width} columns of a single position, never across positions. The tiny ',
          { math: 'ε' },
          ' keeps the division safe. The weight ',
          { math: 'γ' },
          ' and the bias ',
          { math: 'β' },
          ' were learned, one of each for every column. The first transformers normalized behind each layer. GPT-2 does it in front, which is called pre-norm: the stream itself stays untouched, and one more norm follows after the last block.',
        ],
      ],
    },
    looking: {
      title: 'Attention: where to look',
      paragraphs: [
        [
          'Up to now, each position has been on its own. ',
          { term: 'Attention' },
          ' lets information pass between them. It is done by ',
          { term: 'heads' },
          ', which work side by side; in this model a block has {heads}. A head makes a query, a key and a value from the normalized vector ',
          { math: 'y' },
          ' of each position, each with {headWidth} numbers:',
        ],
        [{ formula: 'queryKeyValue' }],
        [
          'Then the query of a position ',
          { math: 't' },
          ' is compared with the key of each position ',
          { math: 's' },
          '. Their dot product says how well they fit. GPT-2 divides it by the square root of the width of the head. Positions later than ',
          { math: 't' },
          ' are ruled out with minus infinity. Softmax makes weights of what is left:',
        ],
        [{ formula: 'scores' }],
        [{ formula: 'scale' }],
        [{ formula: 'mask' }],
        [{ formula: 'softmax' }],
        [
          'Why the square root? Suppose that the numbers in a query and a key were independent, with mean 0 and variance 1. Then their dot product has variance ',
          { math: 'D' },
          ', the width of the head, and dividing by ',
          { math: root('D') },
          ' brings it back to 1, where softmax is neither flat nor all or nothing. And why the mask? A prediction must rest only on what stands before it. As a consequence, a token that is appended changes nothing that was computed earlier.',
        ],
      ],
    },
    bringing: {
      title: 'Attention: what to bring',
      paragraphs: [
        [
          'The weights say where from; the values say what. Each position takes the average of the values that it can see, with the weights just computed:',
        ],
        [{ formula: 'weightedSum' }],
        [
          'The results of all heads are laid end to end. A matrix and a bias turn them into the vector that is added to the stream:',
        ],
        [{ formula: 'outputProjection' }],
        [
          'For all positions of a head at once, queries, keys and values are matrices with one row for each position. With ',
          { math: 'M' },
          ' for the mask, which is 0 where looking is allowed and minus infinity where it is not, one writes:',
        ],
        [{ formula: 'attention' }],
        [
          'Two questions are kept apart here. Queries and keys settle where information comes from. Values and the output projection settle which information comes, and what it turns into. Each can be studied without the other. And since the output projection is a sum, what attention writes can be split exactly into a part from each head and the bias.',
        ],
      ],
    },
    mlp: {
      title: 'The MLP: each token by itself',
      paragraphs: [
        [
          'Attention moves information; the ',
          { term: 'MLP' },
          ' works on it. It treats each position alone, with the same weights everywhere. A matrix leads from the normalized vector to {mlpWidth} neurons, a nonlinear function bends each of them, and a second matrix leads back to {width} numbers:',
        ],
        [{ formula: 'mlpUp' }],
        [{ formula: 'gelu' }],
        [{ formula: 'mlpDown' }],
        [
          'Without the bend, the two matrices would amount to a single one. GELU multiplies a number by the probability that a standard normal variable is smaller than it; what stands here is the approximation with tanh that GPT-2 uses. Other models may have another curve. One can read an MLP as a long list of pairs: a column of the first matrix is a pattern that a neuron responds to, and the row of the second is what it then writes into the stream.',
        ],
      ],
    },
    blocks: {
      title: 'Block upon block',
      paragraphs: [
        [
          'Attention and MLP, each with its layer norm, make a ',
          { term: 'block' },
          '. The number of blocks in this model is {blocks}: all are built alike, and each has weights of its own. A later block reads what the earlier ones have written, so heads can build on one another. A well-known case needs two. One head notes at each position which token came before it; a head in a later block uses that to find a place where the present token has occurred before, and attends to what followed it there. Such ',
          { term: 'induction heads' },
          ' continue what a text has begun to repeat.',
        ],
        [
          'Now all parts have been named, and their parameters can be counted. Let ',
          { math: 'V' },
          ' be the size of the vocabulary, ',
          { math: 'C' },
          ' the width, ',
          { math: 'S' },
          ' the context, ',
          { math: 'L' },
          ' the number of blocks and ',
          { math: 'F' },
          ' the number of neurons in an MLP. Then a block has ',
          { math: 'B' },
          ' parameters, and the whole model ',
          { math: 'N' },
          ':',
        ],
        [{ formula: 'parameters' }],
        [
          'The first two terms are the tables of tokens and positions, the last one is the final norm. In a block, the terms with two letters or a square are the matrices; the others are biases and norms. This model has {parameters}; an unembedding matrix of its own, where there is one, adds V C. How many heads share the width makes no difference to the count.',
        ],
      ],
    },
    logits: {
      title: 'Back to tokens',
      paragraphs: [
        [
          'After the last block and the final layer norm, the vector is compared with a row for every token: in GPT-2 those of the embedding table. The dot product with the row of token ',
          { math: 'w' },
          ' is its ',
          { term: 'logit' },
          ':',
        ],
        [{ formula: 'unembedding' }],
        [
          'GPT-2 has the same table at both ends, which is called tied embeddings, and no bias here. Softmax turns the logits into probabilities. Every position gets a prediction, namely of the token after it. For the next token of your text, only the last one counts.',
        ],
        [
          'This last stretch is almost linear. Take the standard deviation that the final norm divides by as given: then a logit is a sum of what the embeddings, each head, each MLP and the biases have contributed to it. So one can say who spoke for a token, and who against it.',
        ],
      ],
    },
    choosing: {
      title: 'Choosing a token',
      paragraphs: [
        [
          'Probabilities are not yet a text. Before softmax, the logits are divided by the ',
          { term: 'temperature' },
          ' ',
          { math: 'τ' },
          ':',
        ],
        [{ formula: 'temperature' }],
        [
          'Towards 0, everything goes to the most probable token; the higher the temperature, the more alike all probabilities become. Top-k then keeps the ',
          { math: 'k' },
          ' most probable tokens, top-p only as many as it takes to reach the probability ',
          { math: 'P' },
          '. What is kept is scaled up to 1, and one token is drawn from it. All this is for you to set. The model does not know of it.',
        ],
        [
          'Why draw at all? Whoever always takes the most probable token gets texts that tend to go round in circles. Why cut? Because the tail is long. Each of its tokens is improbable, but together they would be drawn now and then, and one that does not fit can lead the rest astray.',
        ],
      ],
    },
    writing: {
      title: 'One token after another',
      paragraphs: [
        [
          'To write, the model runs, a token is drawn and appended, and the model runs again. Thanks to the mask, nothing changes at the earlier positions. Their keys and values can be kept; that is the ',
          { term: 'KV cache' },
          '. A new token then costs one row of the computation. Only attention has to look at everything that was kept, so that a step becomes a little slower as the text grows.',
        ],
        [
          'In training it is different: there the whole text is known, and all its positions can be predicted in a single pass. In writing, each token has to wait for the one before.',
        ],
        [
          'The model has no other memory. What it takes along from step to step is your text, up to {context} tokens of it, and the keys and values that were computed from that text.',
        ],
      ],
    },
    inside: {
      title: 'What looking inside can show',
      paragraphs: [
        [
          'On this page you can follow each number to where it comes from. That tells you how it was computed. It does not tell you what it means. A large attention weight says where a head reads; but the value that it reads there may be small, or a later layer may cancel it. A neuron that answers to one kind of word in your text may answer to something quite different in another.',
        ],
        [
          'Statements about meaning need experiments. Change one thing, a word or an activation, and see whether the prediction changes as you expected. Look for a text that proves you wrong. Only what survives that is worth repeating.',
        ],
        [
          'The models that come with this page are small. They know hardly anything of the world, and that is no harm: each of their steps is computed in GPT-2 in the same way, only with more and larger matrices. Language models of today differ from it in many details, but residual stream, attention and MLP are what you will find in most of them.',
        ],
      ],
    },
  },
};
