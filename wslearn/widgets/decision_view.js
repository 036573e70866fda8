// DecisionView: what is needed, and which way to push. What the rules say comes from Python, once the student decided.

/** @typedef {{name: string, value: string, meaning: string, section: string, kind: string}} Line */
/** @typedef {{way: string, why: string, right: boolean, lines: Line[], rules: Line[], parts: {name: string, texts: string[], hue: string}[], source: string}} Result */

/**
 * A way that can be taken.
 * @param {string} way @param {string} what it is
 */
function wayChoice(way, what) {
  return h('label', { class: 'wsl-choice' }, h('input', { type: 'radio', name: 'way', value: way }),
    h('span', {}, h('b', {}, way), h('small', {}, ...prose(what))))
}

/** @param {{ model: any, el: HTMLElement }} context */
function render({ model, el }) {
  const box = card(el, 'Decide')
  const items = /** @type {{question: string, needs: Record<string, string> | null}[]} */ (model.get('items'))
  const values = /** @type {Record<string, Record<string, string>>} */ (model.get('values'))

  const question = h('div', { class: 'wsl-question-text' })
  const needed = h('div', {})
  const ways = h('fieldset', {}, h('legend', {}, 'Which way do you take?'), h('div', { class: 'wsl-ways' }, ...Object.entries(model.get('ways')).map(([way, what]) => wayChoice(way, String(what)))))
  const why = /** @type {any} */ (h('input', { type: 'text', maxlength: 300, autocomplete: 'off' }))
  const form = /** @type {HTMLFormElement} */ (h('form', {}, question, needed, ways,
    h('label', { class: 'wsl-field wsl-wide wsl-why-line' }, h('span', {}, 'why, in a line'), why)))
  const radios = /** @type {HTMLInputElement[]} */ ([...ways.querySelectorAll('input')])
  const say = oneByOne(model, box, {
    form, word: 'Decision', verb: 'decide',
    given: () => ({ way: radios.find((radio) => radio.checked)?.value ?? '', why: why.value.toWellFormed?.() ?? why.value }),
    first: () => radios.find((radio) => radio.checked) ?? radios[0],
    label: (at) => (items[at].needs ? String(at + 1) : 'your own'),
  })
  const told = h('div', { class: 'wsl-told' })
  const ruleTable = h('div', {})
  const table = h('details', {}, h('summary', {}, `All ${model.get('table').length} rules`), ruleTable)
  box.body.append(form, told, table)

  /** What is needed, to be read. @param {Record<string, string>} needs */
  const fixed = (needs) => wordTable('What is needed', Object.entries(needs).map(([name, value]) => ({ name, value, meaning: values[name][value], section: '', kind: 'flags' })))
  /** What is needed, to be set: a menu for each need. */
  const menus = Object.keys(values).map((name) => {
    const menu = /** @type {any} */ (h('select', { 'aria-label': name, onchange: () => tell(model, { needs: { ...model.get('needs'), [name]: menu.value } }) },
      ...Object.keys(values[name]).map((value) => h('option', { value }, value))))
    return { name, menu, meaning: h('span') }
  })
  const own = wordTable('What is needed', menus.map(({ name, menu, meaning }) => /** @type {any} */ ({ name, value: menu, meaning, section: '', kind: 'opcode' })))

  let shown = -1
  /** @type {Result | Record<string, never> | undefined} */
  let drawn
  const drawItem = (/** @type {number} */ at, /** @type {Partial<Result>} */ result) => {
    question.replaceChildren(...prose(items[at].question))
    needed.replaceChildren(items[at].needs ? fixed(items[at].needs) : own)
    for (const radio of radios) radio.checked = radio.value === result.way
    why.value = result.why ?? ''
  }
  const drawResult = (/** @type {Partial<Result>} */ result) => {
    told.replaceChildren(...(result.lines ? [
      wordTable('What the rules say', result.lines),
      ...(result.parts.length ? [h('details', {}, h('summary', {}, 'How it is said: a strong answer, and a weak one'), ...result.parts.map(part), h('p', { class: 'wsl-name' }, result.source))] : []),
    ] : []))
    ruleTable.replaceChildren(wordTable('All rules', result.rules ?? model.get('table')))
  }
  const draw = () => {
    const at = model.get('at')
    if (!items[at]) return
    const result = model.get('results')[at]
    if (at !== shown) drawItem(at, result)
    if (at !== shown || result !== drawn) drawResult(result)
    shown = at
    drawn = result
    for (const { name, menu, meaning } of menus) {
      const value = model.get('needs')[name]
      menu.value = value
      meaning.textContent = values[name][value] ?? ''
    }
    say(result.lines ? [result.lines[0].meaning] : [])
  }
  return follow(model, ['at', 'needs', 'results', 'turn', 'verdict', 'problem'], draw)
}

export default { render: whileAlive(render) }
