import './bridge/zod-config.ts';
import { connectHost } from './bridge/host-bridge.ts';
import { mount } from './mount.tsx';
import { createSaksiStore } from './state/store.ts';

mount(createSaksiStore(connectHost(window), () => performance.now()));
