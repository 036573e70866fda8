// An answer in parts, as Python's `Part` has them.

/** A text, or a list where there are several. @param {string[]} texts */
function said(texts) {
  return texts.length === 1 ? h('p', {}, ...prose(texts[0])) : h('ul', {}, ...texts.map((text) => h('li', {}, ...prose(text))))
}

/** One part of an answer. @param {{name: string, texts: string[], hue: string}} part */
function part({ name, texts, hue }) {
  return h('div', { class: `wsl-say wsl-${hue}` }, h('b', {}, name), said(texts))
}
