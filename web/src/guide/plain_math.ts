/** Formulas as plain text. */
import type { MathNode } from './math.ts';

/** The nodes right below a node. */
export function childrenOf(node: MathNode): readonly MathNode[] {
  switch (node.kind) {
    case 'row':
      return node.children;
    case 'role':
    case 'root':
      return [node.of];
    case 'fraction':
      return [node.above, node.below];
    case 'scripts':
      return [node.base, node.sub, node.sup].filter((child) => child !== undefined);
    case 'sum':
      return [node.below, node.above].filter((child) => child !== undefined);
    case 'under':
      return [node.of, node.below];
    default:
      return [];
  }
}

/** What is read aloud where no words are written for it: the symbols in the order of the formula. */
export function plainOf(node: MathNode): string {
  switch (node.kind) {
    case 'identifier':
    case 'operator':
    case 'number':
    case 'value':
      return node.text === '\u2061' ? '' : node.text;
    case 'size':
      return node.symbol;
    case 'fraction':
      return `( ${plainOf(node.above)} ) / ( ${plainOf(node.below)} )`;
    case 'root':
      return `√ ( ${plainOf(node.of)} )`;
    case 'sum':
      return ['∑', ...childrenOf(node).map(plainOf)].join(' ');
    case 'under':
      return plainOf(node.of);
    default:
      return childrenOf(node).map(plainOf).filter(Boolean).join(' ');
  }
}
