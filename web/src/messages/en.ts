/** {name} stands for a value. A key that ends in .one is used where {count} is one. */
export const en = {
  'page.name': 'Glassformer',
  'page.title': 'Glassformer: a transformer you can see through',
  'page.description':
    'A GPT-2 that runs in your browser and shows every number it computes on your own text.',
  'page.skip': 'Skip to the model',
  'page.heading': 'A transformer you can see through',
  'page.intro':
    'A small language model runs in this page, on your text, as you type. Nothing is drawn that it did not compute.',

  'language.switch': '中文',
  'language.switch.label': '切换到中文',
  'theme.label': 'Colours',
  'theme.system': 'System',
  'theme.light': 'Light',
  'theme.dark': 'Dark',

  'model.label': 'Model',
  'model.loading': 'Loading {name}',
  'model.loading.bytes': '{loaded} of {total}',
  'model.cancel': 'Cancel',
  'model.cancelled': 'Loading {name} was cancelled.',
  'model.load': 'Load it',
  'model.keeps': '{name} is still in use.',
  'model.parameters': '{parameters} parameters',
  'model.memory': '{bytes} in memory',
  'model.speed': 'last run {duration}',

  'error.load': '{name} could not be loaded.',
  'error.run': 'The model could not run on this text.',
  'error.offline': 'There seems to be no connection.',
  'error.retry': 'Try again',
  'error.code': 'code: {code}',

  'prompt.label': 'Your text',
  'prompt.placeholder': 'Write something…',
  'prompt.examples': 'Examples',
  'prompt.count': '{count} of {context} tokens',
  'prompt.empty': 'Write a few words, or take an example, and the model reads them.',
  'prompt.full':
    'The text fills the model’s context of {context} tokens: it can be read, but not continued.',
  'prompt.tooLong':
    'This text has {count} tokens; this model reads at most {context}. What you see below is from before.',
  'prompt.shorten': 'Keep the first {context} tokens',
  'prompt.ends':
    'The text ends here: with this seed the model draws its end-of-text token. Another seed may go on.',
  'prompt.pending':
    'The last token is only the beginning of a character; the next one may complete it.',

  'generate.token': 'Generate a token',
  'generate.run': 'Run',
  'generate.stop': 'Stop',
  'generate.undo': 'Undo',
  'generate.undo.keys': 'Ctrl + Z',
  'generate.added': 'Added {token}',
  'generate.keys': 'Ctrl + Enter',

  'tokens.title': 'Tokens',
  'tokens.hint':
    'The stronger its colour, the more the outlined token looks at it, in the head on screen. Choose another to see through its eyes.',
  'tokens.position': 'position {position}',
  'tokens.attention': 'attended with {weight}',
  'tokens.next': 'next',
  'tokens.next.add': 'drawn with this seed: add it',

  'map.title': 'Blocks and heads',
  'map.axis.head': 'head',
  'map.axis.block': 'block',
  'map.cell': 'Block {block}, head {head}',
  'map.cell.spread': 'spread {value}',
  'map.measure': 'Show',
  'map.measure.pattern': 'Pattern',
  'map.measure.spread': 'Spread',
  'map.pattern.hint':
    'Rows are blocks, columns are heads. Each square is one head’s attention on this text, in small. Where tokens outnumber its pixels, a pixel is the largest of its weights.',
  'map.spread.hint':
    'Rows are blocks, columns are heads. How evenly a head spreads its attention on this text: entropy of its rows over the largest possible, on average.',
  'map.spread.low': 'one token',
  'map.spread.high': 'all equally',
  'map.partial':
    'All patterns of this text would take {bytes}; only the block on screen is read from the model.',

  'attention.title': 'Attention',
  'attention.where': 'block {block} · head {head}',
  'attention.hint': 'Each row is a token looking back; its weights add up to 1.',
  'attention.query': 'query',
  'attention.key': 'key',
  'attention.weight': 'weight',
  'attention.matrix':
    'Attention pattern of block {block}, head {head}: {count} by {count} weights. Arrow keys move from weight to weight.',
  'attention.cell': '{query} looks at {key}: {weight}',
  'attention.legend': 'weight, on a square-root scale',
  'attention.table': 'This row as a table',
  'attention.table.caption':
    'Attention of position {position}, {token}, in block {block}, head {head}',
  'attention.position': 'position',
  'attention.token': 'token',
  'attention.sum': 'sum',

  'next.title': 'Next token',
  'next.hint': 'The model’s whole output: one number for each of its {count} tokens.',
  'next.token': 'Token',
  'next.logit': 'Logit',
  'next.scaled': '÷ {temperature}',
  'next.scaled.label': 'Logit divided by the temperature {temperature}',
  'next.softmax': 'Softmax',
  'next.filtered': 'Kept',
  'next.filtered.label': 'Probability after top-k and top-p, scaled up to add to 1',
  'next.caption': 'The most probable next tokens',
  'next.cut.topK': 'cut by top-k',
  'next.cut.topP': 'cut by top-p',
  'next.cut.greedy': 'greedy: only the first counts',
  'next.rest': '{count} other tokens',
  'next.rest.one': '{count} other token',
  'next.rest.kept': '{count} of them kept',
  'next.rank': 'rank {rank}',
  'next.drawn': 'drawn',
  'next.more': 'Show more',
  'next.less': 'Show fewer',

  'sampling.title': 'Sampling',
  'sampling.temperature': 'Temperature',
  'sampling.greedy': 'Greedy',
  'sampling.topK': 'Top-k',
  'sampling.topP': 'Top-p',
  'sampling.off': 'all',
  'sampling.seed': 'Seed',
  'sampling.seed.new': 'New seed',
  'sampling.draw': 'Seed {seed}, draw {step}: {draw}',
  'sampling.draw.label':
    'The kept tokens side by side, as wide as they are probable. The draw {draw} falls on {token}.',
  'sampling.greedyDraw': 'Greedy: always the most probable token',

  'footer.model': 'The model',
  'footer.shape':
    '{blocks} blocks of {heads} heads, width {width}; context of {context} tokens, vocabulary of {vocabulary}; licence {licence}.',
  'footer.card': 'Model card and credits',
  'footer.limits': 'Its limits',
  'footer.limits.stories':
    'Trained by this project on children’s stories and simple sentences; some of the books are Victorian. It knows no facts, repeats itself, and likes a girl named Lily. It is made for looking inside, not for use.',
  'footer.limits.tang':
    'Trained by this project on 70,425 Tang and Song poems. It keeps metre and parallelism better than sense, and cannot write prose. It is made for looking inside, not for use.',
  'footer.page': 'This page',
  'footer.private': 'Your text stays in this browser. No server reads it.',
  'footer.names': 'Numbering starts at 0, as in the names of the tensors.',
} as const;

export type MessageKey = keyof typeof en;
export type Messages = Record<MessageKey, string>;
