/**
 * Where the operations' words and formulas are, by language. They come when they are shown, not with
 * the page: those of softmax, with which a visit begins, and all others when one of them is chosen.
 */
import type { OperationId } from '../view/operations.ts';
import type { WayId } from '../view/ways.ts';
import type { Formula } from './math.ts';
import { softmaxFormula } from './softmax_formula.ts';
import type { OperationText, OperationTexts, OtherOperationId } from './texts.ts';

interface Guide<Id extends OperationId> {
  texts: Readonly<Record<Id, OperationTexts>>;
  formulas: Readonly<Record<Id, Formula>>;
  /** Of models that go another way than GPT-2. */
  otherFormulas?: Readonly<Record<WayId, Formula>>;
}

export type OperationGuide = Guide<OperationId>;

const softmaxAlone = ({ softmax }: { softmax: OperationText }): Guide<'softmax'> => ({
  texts: { softmax },
  formulas: { softmax: softmaxFormula },
});

export const softmaxGuide = {
  en: () => import('./softmax.en.ts').then(softmaxAlone),
  'zh-CN': () => import('./softmax.zh-CN.ts').then(softmaxAlone),
};

async function joined(
  first: Promise<Guide<'softmax'>>,
  others: Promise<{ operations: Guide<OtherOperationId>['texts'] }>,
): Promise<OperationGuide> {
  const [{ texts }, { operations }, { operationFormulas, otherFormulas }] = await Promise.all([
    first,
    others,
    import('./formulas.ts'),
  ]);
  return { texts: { ...operations, ...texts }, formulas: operationFormulas, otherFormulas };
}

export const wholeGuide = {
  en: () => joined(softmaxGuide.en(), import('./operations.en.ts')),
  'zh-CN': () => joined(softmaxGuide['zh-CN'](), import('./operations.zh-CN.ts')),
};
