/** Small mistakes that somebody could make in a source file, one by one. */
import ts from 'typescript';

export interface Mutant {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly from: string;
  readonly to: string;
  /** The whole file with the mistake in it. */
  readonly text: string;
}

const SWAPS: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.LessThanToken, '<='],
  [ts.SyntaxKind.LessThanEqualsToken, '<'],
  [ts.SyntaxKind.GreaterThanToken, '>='],
  [ts.SyntaxKind.GreaterThanEqualsToken, '>'],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, '!=='],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, '==='],
  [ts.SyntaxKind.AmpersandAmpersandToken, '||'],
  [ts.SyntaxKind.BarBarToken, '&&'],
  [ts.SyntaxKind.PlusToken, '-'],
  [ts.SyntaxKind.MinusToken, '+'],
  [ts.SyntaxKind.AsteriskToken, '/'],
  [ts.SyntaxKind.SlashToken, '*'],
]);

interface Change {
  readonly node: ts.Node;
  readonly to: string;
}

/** Every mutant of `text`; a mutant of mere words (strings) is none. */
export function mutantsOf(file: string, text: string): readonly Mutant[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Mutant[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
    for (const { node: changed, to } of changesOf(node)) {
      const [start, end] = [changed.getStart(source), changed.getEnd()];
      const { line } = source.getLineAndCharacterOfPosition(start);
      const from = text.slice(start, end);
      found.push({ file, line: line + 1, from, to, text: text.slice(0, start) + to + text.slice(end) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function changesOf(node: ts.Node): readonly Change[] {
  if (ts.isBinaryExpression(node)) return swap(node);
  if (ts.isConditionalExpression(node)) {
    return [
      { node, to: node.whenTrue.getText() },
      { node, to: node.whenFalse.getText() },
    ].map(({ node: whole, to }) => ({ node: whole, to: `(${to})` }));
  }
  if (ts.isIfStatement(node)) return [{ node: node.expression, to: `!(${node.expression.getText()})` }];
  if (node.kind === ts.SyntaxKind.TrueKeyword) return [{ node, to: 'false' }];
  if (node.kind === ts.SyntaxKind.FalseKeyword) return [{ node, to: 'true' }];
  if (ts.isNumericLiteral(node)) return [{ node, to: String(Number(node.text.replaceAll('_', '')) + 1) }];
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    return [{ node, to: `(${node.operand.getText()})` }];
  }
  if (ts.isSpreadAssignment(node) || ts.isSpreadElement(node)) return [{ node, to: emptySpread(node) }];
  return [];
}

function swap(node: ts.BinaryExpression): readonly Change[] {
  const { operatorToken, left } = node;
  // What is joined to words is a word.
  const isWords = operatorToken.kind === ts.SyntaxKind.PlusToken && /['"`]/.test(node.getText());
  const other = isWords ? undefined : SWAPS.get(operatorToken.kind);
  if (operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken) return [{ node, to: `(${left.getText()})` }];
  return other === undefined ? [] : [{ node: operatorToken, to: other }];
}

const emptySpread = (node: ts.Node): string => (ts.isSpreadElement(node) ? '...[]' : '...{}');
