// What widgets share that ask one thing at a time: buttons to go from one to the other, and one to answer.

/**
 * The buttons, and what is said about the item that is shown. The traits are those of `OneByOne` in Python.
 * @param {any} model
 * @param {ReturnType<typeof card>} box
 * @param {{
 *   form: HTMLFormElement, word: string, verb: string, given: () => unknown, first: () => HTMLElement | null,
 *   label?: (at: number) => string,
 * }} parts the form in which an item stands; what an item is called; what answering is called; what was
 *   answered; where the focus goes in an item that comes next; what the button of an item says
 * @returns {(heard?: string[]) => void} draw it; it is read out, with these sentences, when there is an answer
 */
function oneByOne(model, box, { form, word, verb, given, first, label = (at) => String(at + 1) }) {
  const last = model.get('items').length - 1
  const dots = model.get('items').map(() => button('', () => {}))
  dots.forEach((dot, at) => {
    dot.classList.add('wsl-dot')
    dot.addEventListener('click', () => tell(model, { at }))
  })
  box.tools.append(...dots)

  const hint = h('p', { class: 'wsl-hint wsl-problem' })
  const next = button('', () => {
    tell(model, { at: model.get('at') < last ? model.get('at') + 1 : 0 })
    queueMicrotask(() => first()?.focus())
  })
  next.hidden = last === 0
  form.classList.add('wsl-question')
  form.append(h('div', { class: 'wsl-edit' }, h('button', { type: 'submit' }, verb), next, hint))
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    tell(model, { asked: [model.get('at'), given(), model.get('turn')] })
  })

  let turn = model.get('turn')
  return (heard = []) => {
    const [at, results] = [model.get('at'), /** @type {{right?: boolean}[]} */ (model.get('results'))]
    dots.forEach((dot, index) => {
      const { right } = results[index]
      const [mark, said] = right === undefined ? ['', 'not answered'] : right ? [' ✓', 'right'] : [' ✗', 'not yet']
      dot.textContent = `${label(index)}${mark}`
      dot.setAttribute('aria-label', `${word} ${label(index)}: ${said}`)
      if (index === at) dot.setAttribute('aria-current', 'step')
      else dot.removeAttribute('aria-current')
    })
    next.textContent = at < last ? 'next ▸' : 'first ▸'
    const [problem, verdict] = [model.get('problem'), model.get('verdict')]
    hint.textContent = problem && `✗ ${problem}`
    box.say(verdict)
    if (problem) box.announce(problem)
    else if (turn !== model.get('turn')) {
      turn = model.get('turn')
      box.announce([`${verdict.verdict}.`, ...heard.map((text) => text.replaceAll('`', '')), verdict.text].join(' '))
    }
  }
}
