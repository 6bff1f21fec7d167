/**
 * What a user's function over rows does with its row, from its source, parsed once where the
 * function is declared.
 *
 * A function that only ever writes `row.name`, or takes its row apart by name, may be shown a lazy
 * view (`batch/row-view.ts`), and what it reads is known. Any doubt means a plain object: the row
 * is spread, passed on, returned, compared, assigned to, or a cell of it called; `in`, keys and
 * JSON see it whole; a closure may keep it; `arguments`, `eval` and `with` hide what they do;
 * `async` functions and generators run on when the row has moved; native and bound functions have
 * no source; names of `Object.prototype` mean something on a plain object only.
 */
import {
  type AnyNode,
  type ArrowFunctionExpression,
  type FunctionExpression,
  type ObjectPattern,
  parse,
} from 'acorn'

type FunctionNode = ArrowFunctionExpression | FunctionExpression

export interface FunctionReads {
  /** The names it reads, each once; null = perhaps more than that. */
  readonly names: readonly string[] | null
  /** Whatever it returns is an object literal, which nobody else holds. */
  readonly givesNewObject: boolean
}

const UNKNOWN: FunctionReads = { names: null, givesNewObject: false }
const SOURCE_LENGTH_MAX = 64 * 1024

export function functionReads(apply: unknown): FunctionReads {
  const node = typeof apply === 'function' ? parsed(apply) : null
  if (node === null || node.async || node.generator) return UNKNOWN
  return Object.freeze({ names: namesRead(node), givesNewObject: givesNewObject(node) })
}

/** The function as it stands in its source; null for what is no plain function of one. */
function parsed(apply: object): FunctionNode | null {
  const source = Function.prototype.toString.call(apply)
  // In a script these begin comments, in a module they are operators: which it was is not known.
  if (source.length > SOURCE_LENGTH_MAX || /<!--|-->/.test(source)) return null
  const expression = expressionOf(`(${source}\n)`)
  if (expression !== null) return isFunction(expression) ? expression : null
  // A method: `map(row) { … }`.
  const holder = expressionOf(`({${source}\n})`)
  const [property] = holder?.type === 'ObjectExpression' ? holder.properties : []
  const isMethod = property?.type === 'Property' && property.method
  return isMethod && isFunction(property.value) ? property.value : null
}

function expressionOf(text: string): AnyNode | null {
  try {
    const { body } = parse(text, { ecmaVersion: 'latest', allowSuperOutsideMethod: true })
    const [only] = body
    return body.length === 1 && only?.type === 'ExpressionStatement'
      ? (only.expression as AnyNode)
      : null
  } catch {
    return null
  }
}

function isFunction(node: AnyNode): node is FunctionNode {
  return node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression'
}

function namesRead(node: FunctionNode): readonly string[] | null {
  const names = new Set<string>()
  const [row] = node.params
  if (row === undefined) return usesHidden(node) ? null : []
  if (node.params.length !== 1 || usesHidden(node)) return null
  const isKnown =
    row.type === 'Identifier'
      ? readsByName(node.body, row.name, names)
      : row.type === 'ObjectPattern' && isTakenApart(row, names)
  return isKnown && ![...names].some(name => name in Object.prototype) ? [...names] : null
}

/** `arguments` and `eval` may read anything, and names in a `with` are those of an object. */
function usesHidden(node: AnyNode): boolean {
  if (node.type === 'WithStatement') return true
  if (node.type === 'Identifier' && (node.name === 'arguments' || node.name === 'eval')) return true
  return childrenOf(node).some(usesHidden)
}

/** `{ a, b: { c }, 'd e': f = 1 }`: names alone, nothing left over. */
function isTakenApart({ properties }: ObjectPattern, names: Set<string>): boolean {
  return properties.every(property => {
    if (property.type !== 'Property' || property.computed) return false
    const { key } = property
    if (key.type === 'Identifier') names.add(key.name)
    else if (key.type === 'Literal' && typeof key.value === 'string') names.add(key.value)
    else return false
    return true
  })
}

/** Every mention of the row in the body is a read of one of its names. */
function readsByName(body: AnyNode, row: string, names: Set<string>): boolean {
  const isFine = (node: AnyNode, above: readonly AnyNode[]): boolean => {
    if (node.type !== 'Identifier' || node.name !== row) {
      const next = [node, ...above]
      return childrenOf(node).every(child => isFine(child, next))
    }
    return isOnlyAName(node, above[0]) || isRead(node, above, names)
  }
  return isFine(body, [])
}

/** `other.row`, `{ row: 1 }`: the same word, not the row. */
function isOnlyAName(node: AnyNode, parent: AnyNode | undefined): boolean {
  switch (parent?.type) {
    case 'MemberExpression':
      return parent.property === node && !parent.computed
    case 'Property':
      return parent.key === node && !parent.computed && !parent.shorthand
    default:
      return false
  }
}

/** `row.name`, `row['name']` or `const { name } = row`, and not in a closure. */
function isRead(node: AnyNode, above: readonly AnyNode[], names: Set<string>): boolean {
  const [parent, outer, beyond] = above
  if (above.some(({ type }) => type.includes('Function') || type.startsWith('Class'))) return false
  if (parent?.type === 'VariableDeclarator') {
    return (
      parent.init === node && parent.id.type === 'ObjectPattern' && isTakenApart(parent.id, names)
    )
  }
  if (parent?.type !== 'MemberExpression' || parent.object !== node) return false
  const { property, computed } = parent
  if (!computed && property.type === 'Identifier') names.add(property.name)
  else if (computed && property.type === 'Literal' && typeof property.value === 'string') {
    names.add(property.value)
  } else return false
  return !isChanged(parent, outer, beyond)
}

/** What is done to a cell's place, or with the row as `this`: more than a read. */
function isChanged(
  member: AnyNode,
  outer: AnyNode | undefined,
  beyond: AnyNode | undefined,
): boolean {
  switch (outer?.type) {
    case 'CallExpression':
    case 'NewExpression':
      return outer.callee === member
    case 'TaggedTemplateExpression':
      return outer.tag === member
    case 'AssignmentExpression':
    case 'AssignmentPattern':
    case 'ForInStatement':
    case 'ForOfStatement':
      return outer.left === member
    case 'UpdateExpression':
    case 'ArrayPattern':
    case 'RestElement':
      return true
    case 'UnaryExpression':
      return outer.operator === 'delete'
    case 'Property':
      return beyond?.type === 'ObjectPattern'
    default:
      return false
  }
}

/** All that the function returns are literals of plain properties. */
function givesNewObject(node: FunctionNode): boolean {
  if (node.body.type !== 'BlockStatement') return isPlainLiteral(node.body)
  let returns = 0
  const isFine = (part: AnyNode): boolean => {
    if (part.type.includes('Function') || part.type.startsWith('Class')) return true
    if (part.type !== 'ReturnStatement') return childrenOf(part).every(isFine)
    returns++
    return part.argument != null && isPlainLiteral(part.argument)
  }
  return childrenOf(node.body).every(isFine) && returns > 0
}

function isPlainLiteral(node: AnyNode): boolean {
  if (node.type !== 'ObjectExpression') return false
  return node.properties.every(property => {
    if (property.type === 'SpreadElement') return true
    const { key } = property
    const isProto =
      (key.type === 'Identifier' && key.name === '__proto__') ||
      (key.type === 'Literal' && key.value === '__proto__')
    return property.kind === 'init' && !property.method && !isProto
  })
}

/** The nodes right below a node. */
function childrenOf(node: AnyNode): AnyNode[] {
  const values = Object.values(node).flat(1)
  return values.filter((value): value is AnyNode => typeof (value as AnyNode)?.type === 'string')
}
