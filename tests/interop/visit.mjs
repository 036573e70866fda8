// Node's ws as the client of a scenario, which comes as JSON on standard input. Prints what it saw.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import WebSocket from 'ws'

const scenario = JSON.parse(await text(process.stdin))
const socket = new WebSocket(process.argv[2], scenario.subprotocols, {
  perMessageDeflate: scenario.deflate && { threshold: 0 },
  maxPayload: 0,
})
const lines = []

/** @param {{text?: string, base64?: string}} packed */
const unpack = (packed) => packed.text ?? Buffer.from(packed.base64, 'base64')

async function echoed() {
  const [data, isBinary] = await once(socket, 'message')
  const digest = createHash('sha256').update(data).digest('hex')
  lines.push(['message', isBinary ? 'binary' : 'text', data.length, digest])
}

await once(socket, 'open')
lines.push(['open', socket.protocol, socket.extensions.startsWith('permessage-deflate')])
for (const packed of scenario.messages) {
  socket.send(unpack(packed))
  await echoed()
}
scenario.fragments.forEach((packed, at, all) => socket.send(unpack(packed), { fin: at === all.length - 1 }))
if (scenario.fragments.length) await echoed()
for (const payload of scenario.pings) {
  socket.ping(Buffer.from(payload, 'hex'))
  const [pong] = await once(socket, 'pong')
  lines.push(['pong', pong.toString('hex')])
}
if (scenario.code === null) socket.send(scenario.ask)
else socket.close(scenario.code, scenario.reason)
const [code, reason] = await once(socket, 'close')
lines.push(['closed', code, scenario.code === null ? reason.toString() : ''])
console.log(JSON.stringify(lines))
