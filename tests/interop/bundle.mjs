// Make the one file of yjs that the editor's page loads: `npm run bundle`. Without a path it is printed.
import { readFileSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'

const here = new URL('.', import.meta.url)
const read = (path) => readFileSync(new URL(`node_modules/${path}`, here), 'utf8')

const { outputFiles, metafile } = await build({
  absWorkingDir: here.pathname,
  entryPoints: ['yjs.mjs'],
  bundle: true,
  conditions: ['browser'],
  format: 'esm',
  legalComments: 'none', // the licences stand above, whole
  metafile: true,
  minify: true,
  target: 'es2022',
  write: false,
})
const names = new Set(Object.keys(metafile.inputs).map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]))
names.delete(undefined)
const notices = [...names].sort().map((name) => {
  const { version, license } = JSON.parse(read(`${name}/package.json`))
  return `${name} ${version} (${license})\n\n${read(`${name}/LICENSE`).trim()}\n`
})
const text = `/*!
Bundled by "npm run bundle" in tests/interop from what package-lock.json there pins. Do not edit.

${notices.join(`\n${'-'.repeat(80)}\n`)}*/
${outputFiles[0].text}`
const [, , path] = process.argv
if (path) writeFileSync(path, text)
else process.stdout.write(text)
