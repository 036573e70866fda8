// Node's ws as the server of every scenario. Prints its URL; ends with its standard input.
import { WebSocketServer } from 'ws'

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: 0,
  perMessageDeflate: { threshold: 0 },
  maxPayload: 0,
  handleProtocols: (offered) => offered.has('chat') && 'chat',
})

server.on('listening', () => console.log(`ws://127.0.0.1:${server.address().port}/`))
server.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => {
    if (!isBinary && data.toString() === 'close, please') socket.close(4001, 'as you wish')
    else socket.send(data, { binary: isBinary })
  })
})
process.stdin.resume().on('end', () => process.exit())
