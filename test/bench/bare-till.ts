import type { Devices } from '../../electron/devices/devices.ts';
import { createTill } from '../../electron/till/create-till.ts';
import type { TillOptions } from '../../electron/till/ports.ts';
import { systemEffects } from '../../shared/effects.ts';
import { writeIdentity } from '../fixtures/desk.ts';
import { CASHIER_ID, FakeGateway, PIN } from '../fixtures/fake-gateway.ts';
import { eventually, recordingLog } from '../fixtures/shop.ts';

/** A paired till on real devices and the real clock, with a gateway in its own process; on line, printer ready, signed in. */
export async function openTill(
  dataDir: string,
  devices: Devices,
  onStep: NonNullable<TillOptions['onStep']> = () => {},
) {
  const gateway = new FakeGateway(systemEffects.clock);
  writeIdentity(dataDir, gateway, systemEffects);
  const till = createTill({
    walReserved: true,
    dataDir,
    effects: systemEffects,
    devices,
    logger: recordingLog([]),
    host: 'browser',
    appVersion: 'bench',
    http: gateway.http,
    onStep,
  });
  await till.start();
  const ready = () => till.view().status.gateway.state === 'online' && till.view().staff.length > 0;
  await eventually(async () => ready() || null, 'the line');
  await eventually(async () => till.view().status.printer.state === 'ready' || null, 'the printer');
  await till.invoke('session.signIn', { staffId: CASHIER_ID, pin: PIN });
  return { till, gateway };
}
export type OpenTill = Awaited<ReturnType<typeof openTill>>;
