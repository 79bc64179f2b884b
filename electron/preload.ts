import { contextBridge, type IpcRendererEvent, ipcRenderer } from 'electron';
import type { SaksiBridge, TillView } from '../shared/bridge.ts';
import { IPC } from '../shared/bridge-channels.ts';

/** All that the screen can reach of this machine: two functions. The main process checks each call. */
const bridge: SaksiBridge = {
  invoke: (method, input) => ipcRenderer.invoke(IPC.invoke, method, input),
  subscribe(listener) {
    const onView = (_event: IpcRendererEvent, view: TillView) => listener(view);
    ipcRenderer.on(IPC.view, onView);
    ipcRenderer.send(IPC.ready);
    // No value: what `off` gives back is ipcRenderer itself, which the page must never hold.
    return () => {
      ipcRenderer.off(IPC.view, onView);
    };
  },
};

contextBridge.exposeInMainWorld('saksi', bridge);
