import { expect, test } from 'vitest'
import { codeLines, scan } from './scan.mjs'

/** @param {string} text */
const squeeze = text => text.replace(/ +/g, ' ').trim()

test('tells comments from code, strings and regular expressions', () => {
  const { code, bare, comments } = scan(
    [
      `const a = '// no' // yes`,
      `const b = 1 / 2 / 3 /* yes */ + "x"`,
      `const c = /[/"]\\/'/g.test(\`'\`)`,
    ].join('\n'),
  )
  expect(squeeze(comments)).toBe('// yes\n /* yes */')
  expect(code).toContain(`'// no'`)
  expect(squeeze(bare)).toBe(`const a = ' ' \nconst b = 1 / 2 / 3 + " "\nconst c = / g.test(\` \`)`)
})

test('keeps every position', () => {
  const text = '/* a\n b */ x\n`t\nt`\n'
  for (const part of Object.values(scan(text))) {
    expect(part.length).toBe(text.length)
    expect(part.split('\n').length).toBe(text.split('\n').length)
  }
})

test('a regular expression may follow a keyword', () => {
  expect(squeeze(scan(`return /'/.exec(a) // x`).comments)).toBe('// x')
})

test('counts lines of code', () => {
  expect(codeLines(scan('// a\n\n/** b\n */\nconst a = 1 // c\n'))).toBe(1)
})
