/**
 * Relative links in Markdown lead somewhere, to a heading too when they name one.
 *
 * @typedef {object} Link
 * @property {string} target
 * @property {number} line
 */
import { dirname, join } from 'node:path/posix'
import { lineAt } from './tree.mjs'

const LINK = /\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\s*\[[^\]]+\]:\s*(\S+)/gm
const ELSEWHERE = /^([a-z][a-z0-9+.-]*:|\/\/)/i

/**
 * The relative links of a text; code is left out.
 *
 * @param {string} text
 * @returns {Link[]}
 */
export function relativeLinks(text) {
  const prose = withoutCode(text)
  return [...prose.matchAll(LINK)]
    .map(found => ({
      target: found[1] ?? found[2] ?? '',
      line: lineAt(prose, found.index + found[0].search(/\S/)),
    }))
    .filter(({ target }) => !ELSEWHERE.test(target))
}

/**
 * Where a link of a file leads: a path relative to the root, and the heading in it, if any.
 *
 * @param {string} file
 * @param {string} target
 */
export function resolveLink(file, target) {
  const [path = '', fragment = ''] = target.split('#')
  const decoded = decodeURIComponent(path)
  if (decoded.startsWith('/')) return { path: decoded.slice(1), fragment }
  return { path: decoded === '' ? file : join(dirname(file), decoded), fragment }
}

/** @type {import('./tree.mjs').Rule} */
export function deadLinks(tree) {
  const pages = tree.files.filter(file => file.endsWith('.md'))
  return pages.flatMap(file =>
    relativeLinks(tree.read(file)).flatMap(({ target, line }) => {
      const { path, fragment } = resolveLink(file, target)
      if (!tree.has(path)) return [{ file, line, text: `dead link to ${target}; mend it.` }]
      const hasFragment = fragment !== '' && path.endsWith('.md')
      if (!hasFragment || anchors(tree.read(path)).has(fragment)) return []
      return [{ file, line, text: `${target}: no such heading; mend the part after "#".` }]
    }),
  )
}

/** @param {string} text */
export function headings(text) {
  return [...withoutCode(text, { inline: false }).matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)].map(
    found => ({ title: found[1] ?? '', index: found.index }),
  )
}

/**
 * The anchors that GitHub makes of headings, and explicit ones.
 *
 * @param {string} text
 */
function anchors(text) {
  const explicit = [...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(found => found[1] ?? '')
  /** @type {Map<string, number>} */
  const seen = new Map()
  const made = headings(text).map(({ title }) => {
    const slug = title
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-')
    const count = seen.get(slug) ?? 0
    seen.set(slug, count + 1)
    return count === 0 ? slug : `${slug}-${count}`
  })
  return new Set([...explicit, ...made])
}

/**
 * @param {string} text
 * @param {{ inline: boolean }} [options]
 */
function withoutCode(text, { inline } = { inline: true }) {
  const unfenced = text.replace(/^([ \t]*)(```+|~~~+)[\s\S]*?^[ \t]*\2[ \t]*$/gm, blank)
  return inline ? unfenced.replace(/`[^`\n]*`/g, blank) : unfenced
}

/** @param {string} text */
function blank(text) {
  return text.replace(/[^\n]/g, ' ')
}
