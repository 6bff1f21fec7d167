import { packageFolders } from '../workspace.mjs'

const BUILD = 'tsconfig.build.json'
const TESTS = 'tsconfig.json'

/**
 * `tsc -b` compiles every package that has TypeScript, and checks its tests: a list says so.
 *
 * @type {import('./tree.mjs').Rule}
 */
export function projectReferences(tree) {
  const folders = packageFolders(tree.root)
  const projects = folders.filter(folder => tree.has(`${folder}/tsconfig.json`))
  const tests = folders
    .map(folder => `${folder}/tsconfig.test.json`)
    .filter(project => tree.has(project))
  return [...unlisted(tree, BUILD, projects), ...unlisted(tree, TESTS, tests)]
}

/**
 * @param {import('./tree.mjs').Tree} tree
 * @param {string} file
 * @param {readonly string[]} projects
 */
function unlisted(tree, file, projects) {
  const listed = tree.has(file) ? tree.read(file) : ''
  return projects
    .filter(project => !listed.includes(`"${project}"`))
    .map(path => ({ file, text: `does not reference ${path}; add { "path": "${path}" }.` }))
}
