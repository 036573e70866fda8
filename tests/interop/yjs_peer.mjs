// Yjs's own WebSocket client. Each line in is {"write": …, "at": …} or {"until": …}; each answer, what it has then.
import { createInterface } from 'node:readline'
import { WebsocketProvider } from 'y-websocket'
import { WebSocket } from 'ws'
import * as Y from 'yjs'

const [, , url, doc, name] = process.argv
const ydoc = new Y.Doc(), text = ydoc.getText('text')
const options = { WebSocketPolyfill: WebSocket, params: { doc }, disableBc: true }
const provider = new WebsocketProvider(url.slice(0, url.lastIndexOf('/')), url.slice(url.lastIndexOf('/') + 1), ydoc, options)
provider.awareness.setLocalStateField('user', { name })
const names = () => [...provider.awareness.getStates().values()].map((state) => state.user?.name).sort()
const tell = () => console.log(JSON.stringify({ text: text.toString(), names: names(), synced: provider.synced }))

/** @type {((line: object) => boolean) | null} */
let waiting = null
const look = () => { if (waiting?.()) { waiting = null; tell() } }
for (const source of [ydoc, provider.awareness]) source.on('update', look)
provider.on('sync', look)
for await (const line of createInterface({ input: process.stdin })) {
  const { write, at, until, named, offline } = JSON.parse(line)
  if (write !== undefined) text.insert(at ?? text.length, write)
  else if (offline !== undefined) offline ? provider.disconnect() : provider.connect()
  else {
    waiting = () => text.toString() === until && (!named || names().length === named) && provider.synced
    look()
  }
}
process.exit()
