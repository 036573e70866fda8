// Chromium as the client of a scenario: returns what it saw. It can send neither fragments nor pings.
async ([url, scenario]) => {
  const lines = []
  const socket = new WebSocket(url, scenario.subprotocols)
  socket.binaryType = 'arraybuffer'
  const once = (name) => new Promise((resolve, reject) => {
    socket.addEventListener(name, resolve, { once: true })
    if (name !== 'close') socket.addEventListener('error', () => reject(new Error(`no ${name}`)), { once: true })
  })
  const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('')

  await once('open')
  lines.push(['open', socket.protocol, socket.extensions.startsWith('permessage-deflate')])
  for (const packed of scenario.messages) {
    const binary = packed.base64 !== undefined
    const sent = binary ? Uint8Array.from(atob(packed.base64), (char) => char.charCodeAt(0)) : packed.text
    const answer = once('message')
    socket.send(sent)
    const { data } = await answer
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : new Uint8Array(data)
    const digest = hex(await crypto.subtle.digest('SHA-256', bytes))
    lines.push(['message', typeof data === 'string' ? 'text' : 'binary', bytes.length, digest])
  }
  const end = once('close')
  if (scenario.code === null) socket.send(scenario.ask)
  else socket.close(scenario.code, scenario.reason)
  const { code, reason, wasClean } = await end
  if (!wasClean) throw new Error(`not a clean end: ${code}`)
  lines.push(['closed', code, scenario.code === null ? reason : ''])
  return lines
}
