import { createServer, type Socket } from 'node:net';
import type { VirtualMpop } from './mpop.ts';

export interface TcpServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves the simulator on raw TCP, as a printer's port 9100. Port 0 takes any. */
export async function listenTcp(mpop: VirtualMpop, port: number, host = '127.0.0.1'): Promise<TcpServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    const attached = mpop.attach({ send: (bytes) => socket.write(bytes), close: () => socket.destroy() });
    if (attached === null) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.on('error', () => undefined); // a host that resets the connection closes it: seen below
    socket.on('close', () => {
      sockets.delete(socket);
      attached.detach();
    });
    socket.on('data', (bytes) => {
      socket.pause();
      void attached.receive(bytes).then(() => socket.resume());
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
