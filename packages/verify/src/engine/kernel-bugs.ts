/**
 * Bugs for the generated loops of stages (core's `expr/kernel/`), which comparisons must find: each
 * changes the text of the code.
 */
import { changeGenerated } from '@millrace/core/testing'

type Change = (body: string) => string

const swap =
  (what: string | RegExp, by: string): Change =>
  body =>
    body.replaceAll(what, by)

export const KERNEL_BUGS: Readonly<Record<string, Change>> = {
  'a selection that is not looked at': swap('selection === null ? nth : selection[nth]', 'nth'),
  'a selection that is off by one': swap(
    'kept[k++] = i; continue;\n',
    'kept[k++] = i + 1; continue;\n',
  ),
  'the first record left out': swap('let nth = 0', 'let nth = 1'),
  'the last record left out': swap('nth < count', 'nth < count - 1'),
  'a tombstone that is evaluated': swap(/^if \(\(tombstones.*$/gm, ''),
  'a tombstone that is dropped': swap(/(tombstones.*\{) kept\[k\+\+\] = i;/g, '$1'),
  'null as a value': swap(/\(n(\d+)\[i >>> 3\] >>> \(i & 7\) & 1\) === 0/g, 'false'),
  'a validity bit shifted': swap(
    /n(\d+)\[i >>> 3\] >>> \(i & 7\)/g,
    'n$1[i >>> 3] >>> (i + 1 & 7)',
  ),
  'a validity byte shifted': swap(/n(\d+)\[i >>> 3\]/g, 'n$1[i >>> 2]'),
  'a validity bit that is not written': swap(/ p(\d+)\[i >>> 3\] \|= 1 << \(i & 7\);/g, ''),
  'a validity bit written elsewhere': swap(
    /p(\d+)\[i >>> 3\] \|= 1 << \(i & 7\)/g,
    'p$1[i >>> 3] |= 1',
  ),
  'a boolean written inverted': swap(
    /\{ if \((.*)\) o(\d+)\[i >>> 3\] \|=/g,
    '{ if (!($1)) o$2[i >>> 3] |=',
  ),
  'a filter that is turned': swap(/!\((.*)\)\) continue;$/gm, '($1)) continue;'),
  '>= for >': swap(/ > (?!=)(?=[\w.[\]() -]*;$)/gm, ' >= '),
  '> for >=': swap(/ >= (?=[\w.[\]() -]*;$)/gm, ' > '),
  '< for <=': swap(/ <= /g, ' < '),
  '=== for !==': swap(/ !== /g, ' === '),
  'NaN that equals nothing': swap(/ \|\| \((\w+) !== \1 && (\w+) !== \2\)/g, ''),
  'text that is not compared to its end': swap(/, (z\d+\[i\])\)/g, ', $1 - 1)'),
  'text of equal beginnings': swap(/z\d+\[i\] === \w+(\[i\])? && /g, ''),
  'an overflow that passes': swap(/if \(.*\(\w+ \| 0\) === .*break fault;/g, ''),
  'an int64 that a double does not hold': swap(/if \(.*-2097152.*break fault;/g, ''),
  'the upper half of an int64 left out': swap(/w(\d+)\[2 \* i \+ 1\]/g, '0'),
  'the lower half of an int64 with a sign': swap(' >>> 0)', ' | 0)'),
  'the upper half of a result rounded up': swap('Math.floor(', 'Math.ceil('),
  'a null that decides': swap(/^if \(.*\) (t\d+) = true;$/gm, 'if (false) $1 = true;'),
  'a right side that is not evaluated': swap(
    /^(if|else if) \((.*)\) \{ (.*) break (done\d+); \}/gm,
    '{ $3 break $4; }',
  ),
  'a left side that does not decide': swap(
    /^(if|else if) \((.*)\) \{ (t\d+ = false;) break done\d+; \}/gm,
    '',
  ),
  'a left side that decides with the null before it': swap(
    /\{ t\d+ = false; break (done\d+); \}/g,
    '{ break $1; }',
  ),
  'the branch of an unknown condition': swap(/^if \(!\((.*)\) && (.*)\) \{$/gm, 'if ($1 || $2) {'),
  'a faulty record that stays without a word': swap(
    'if (slow === null) return -1;',
    'kept[k++] = i; continue;',
  ),
  'a faulty record that leaves without a word': swap('if (slow === null) return -1;', 'continue;'),
  'a faulty record that the interpreter keeps, left out': swap(
    'if (slow(i)) kept[k++] = i;',
    'slow(i);',
  ),
  'a faulty record that the interpreter drops, kept': swap('if (slow(i)) kept', 'slow(i); kept'),
}

/** The one parameter of a loop; other generated code has others. */
const PARAMETER = 'of'

export interface PlantedKernelBug {
  /** Loops whose text was changed. */
  readonly hits: number
  /** A changed text that is no code, which would be found for that alone; null = there is none. */
  readonly broken: string | null
  remove(): void
}

export function plantKernelBug(change: Change): PlantedKernelBug {
  let hits = 0
  let broken: string | null = null
  changeGenerated((parameters, body) => {
    const changed = parameters.join() === PARAMETER ? change(body) : body
    if (changed === body) return body
    hits++
    if (!isCode(changed)) broken ??= changed
    return changed
  })
  return {
    get hits() {
      return hits
    },
    get broken() {
      return broken
    },
    remove: () => changeGenerated(null),
  }
}

function isCode(body: string): boolean {
  try {
    return typeof new Function(PARAMETER, body) === 'function'
  } catch {
    return false
  }
}
