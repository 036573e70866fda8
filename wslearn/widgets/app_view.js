// AppView: an app's own page in frames, each a client of its own, at an address that this browser can reach.

const PATIENCE = 4000 // milliseconds for a connection
const NEAR = '200px' // how far from the window a picture is made ready

const SAID = {
  idle: { mark: '–', verdict: 'not shown yet', text: 'The pages come when this is scrolled to.' },
  asking: { mark: '…', verdict: 'connecting', text: 'Looking for the way from this browser to the server.' },
  shown: { mark: '✓', verdict: 'live', text: 'Each page has a WebSocket of its own. For more of them, open it in a tab.' },
  proxied: { mark: '✓', verdict: 'live', text: 'Each page has a WebSocket of its own, through jupyter-server-proxy.' },
  stopped: { mark: '–', verdict: 'stopped', text: 'Its server has stopped. Run the cell that starts it, and then this one again.' },
  unreachable: { mark: '✗', verdict: 'not reachable', text: 'This browser cannot reach the server in the kernel. Where the notebook comes from a JupyterHub or Binder, '
    + 'install jupyter-server-proxy beside JupyterLab. The link works in a browser on the machine that runs the kernel.' },
}

/** @param {string} url of a WebSocket @returns {string} of the page at the same place */
const pageAt = (url) => url.replace(/^ws/, 'http')

/** @param {{ model: any, el: HTMLElement }} context */
function render({ model, el }) {
  const path = model.get('path')
  const queries = /** @type {string[]} */ (model.get('queries'))
  const box = card(el, `App ${path}`)
  /** @type {Set<() => void>} */
  const ends = new Set()
  let ended = false
  let round = 0

  const link = h('a', { class: 'wsl-app-link', target: '_blank', rel: 'noopener', href: pageAt(model.get('url')) + queries[0] }, 'open it in a tab ↗')
  const again = button('load again', () => show(), { name: `Load the pages of ${path} again` })
  const room = `${model.get('height')}px` // kept free, or the notebook jumps when the pages come
  const frames = h('div', { class: 'wsl-app', style: `min-height: ${room}` })
  box.tools.append(link, again)
  box.body.append(frames)

  const be = (/** @type {keyof typeof SAID} */ situation) => {
    box.say(SAID[situation])
    if (situation !== 'asking') tell(model, { situation })
    if (situation === 'unreachable') box.announce(SAID[situation].text)
  }
  /** A server lets in pages of its own machine; of another origin it has to be told. */
  const letIn = () => new Promise((settle) => {
    if (['localhost', '127.0.0.1', '[::1]'].includes(location.hostname) || model.get('let_in') === location.origin) { settle(null); return }
    const end = () => { clearTimeout(timer); ends.delete(end); model.off('change:let_in', end); settle(null) }
    const timer = setTimeout(end, PATIENCE)
    ends.add(end)
    model.on('change:let_in', end)
    tell(model, { origin: location.origin })
  })
  const show = async () => {
    const mine = ++round
    frames.replaceChildren()
    if (!model.get('running')) { frames.style.minHeight = ''; be('stopped'); return }
    frames.style.minHeight = room
    be('asking')
    await letIn()
    const url = model.get('url')
    const found = ended ? null : await knock(reachable(url), ends, PATIENCE)
    found?.socket.close(1000)
    if (ended || mine !== round) return
    if (found) {
      const page = pageAt(found.url)
      link.setAttribute('href', page + queries[0])
      frames.append(...queries.map((query, at) => h('iframe', {
        src: page + query, title: `${path}, page ${at + 1} of ${queries.length}`, style: `height: ${room}`,
      })))
    }
    if (!found) frames.style.minHeight = ''
    be(!found ? 'unreachable' : found.url === url ? 'shown' : 'proxied')
  }
  const near = new IntersectionObserver((seen) => {
    if (!seen.some((each) => each.isIntersecting)) return
    near.disconnect()
    show()
  }, { rootMargin: NEAR })
  const stopped = () => { near.disconnect(); again.disabled = true; show() }
  model.on('change:running', stopped)
  be('idle')
  if (model.get('running')) near.observe(box.root)
  else stopped()
  return () => {
    ended = true
    near.disconnect()
    model.off('change:running', stopped)
    for (const end of [...ends]) end()
    frames.replaceChildren()
  }
}

export default { render: whileAlive(render) }
