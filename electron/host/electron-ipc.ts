import { type IpcMainEvent, type IpcMainInvokeEvent, ipcMain, type WebContents } from 'electron';
import { IPC } from '../../shared/bridge.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { ServerLog } from '../loopback/log.ts';
import type { Till } from '../till/contract.ts';
import { handleBridgeCall } from './bridge-calls.ts';
import { isOwnUrl } from './electron-scheme.ts';
import { feedViews } from './view-feed.ts';

/**
 * The bridge over IPC, for the top frame of our own window showing our own page, and for nobody else. Once a page says
 * that it is ready it is sent each view, until it is replaced or gone. The answer ends it.
 */
export function serveBridge(
  till: Pick<Till, 'view' | 'onView' | 'invoke'>,
  isOurs: (contents: WebContents) => boolean,
  log: ServerLog,
): () => void {
  const feeds = new Map<WebContents, () => void>();
  const stopFeed = (contents: WebContents) => {
    feeds.get(contents)?.();
    feeds.delete(contents);
  };
  const isScreen = ({ sender, senderFrame }: IpcMainEvent | IpcMainInvokeEvent) =>
    senderFrame !== null && senderFrame === sender.mainFrame && isOwnUrl(senderFrame.url) && isOurs(sender);

  ipcMain.handle(IPC.invoke, (event, method: unknown, input: unknown) => {
    if (isScreen(event)) return handleBridgeCall(till, method, input, log);
    log.warn({}, 'bridge call of a foreign frame refused');
    return { ok: false, error: new SaksiError('origin_forbidden').toWire() };
  });

  const onReady = (event: IpcMainEvent) => {
    if (!isScreen(event)) return log.warn({}, 'a foreign frame asked for views');
    const { sender } = event;
    if (!feeds.has(sender)) sender.once('destroyed', () => stopFeed(sender));
    stopFeed(sender);
    feeds.set(
      sender,
      feedViews(till, log, (view) => {
        if (!sender.isDestroyed() && !sender.isCrashed()) sender.send(IPC.view, view);
      }),
    );
  };
  ipcMain.on(IPC.ready, onReady);

  return () => {
    ipcMain.removeHandler(IPC.invoke);
    ipcMain.off(IPC.ready, onReady);
    for (const contents of [...feeds.keys()]) stopFeed(contents);
  };
}
