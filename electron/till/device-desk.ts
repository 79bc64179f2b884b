import type { BridgeOutput } from '../../shared/bridge.ts';
import type { DeviceConfig } from '../../shared/device-config.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { Core } from './core.ts';
import type { DeviceSetup } from './ports.ts';
import type { Sessions } from './session.ts';

/**
 * The set-up of printer and drawer: a manager's, or anybody's while the till belongs to no shop. All of it is on the
 * audit chain before it happens. Throws `not_signed_in`, `role_not_allowed`, and `not_ready` where the devices cannot be
 * chosen or a slip is being printed.
 */
export function createDeviceDesk(core: Core, sessions: Sessions, setup: DeviceSetup | undefined) {
  /** Who sets up; null: somebody at a till that is not paired yet. */
  function require(): { setup: DeviceSetup; staffId: string | null } {
    if (setup === undefined) throw new SaksiError('not_ready');
    if (core.identity === null) return { setup, staffId: null };
    const { staffId, role } = sessions.require();
    if (role !== 'manager') throw new SaksiError('role_not_allowed');
    return { setup, staffId };
  }

  return {
    'devices.get': async (): Promise<BridgeOutput<'devices.get'>> => ({ config: require().setup.config() }),
    'devices.find': (): Promise<BridgeOutput<'devices.find'>> =>
      Promise.resolve().then(() => require().setup.find()),
    'devices.save': async ({ config }: { config: DeviceConfig }) => {
      const { setup, staffId } = require();
      if (core.desk.printing.size > 0) throw new SaksiError('not_ready');
      core.store.audit.record('devices.configured', { staffId, config: JSON.stringify(config) });
      try {
        await setup.use(config);
      } catch (error) {
        core.store.audit.record('devices.not_kept', { staffId });
        throw new SaksiError('devices_not_kept', { cause: error });
      }
      core.changed();
      return {};
    },
    'devices.testPrint': async () => {
      const { setup, staffId } = require();
      const language = core.store.settings.screen()?.language ?? core.context?.store.language ?? 'id';
      core.store.audit.record('printer.tested', { staffId });
      const time = new Intl.DateTimeFormat(language, {
        dateStyle: 'short',
        timeStyle: 'short',
        timeZone: core.context?.store.timezone,
      });
      const result = await setup.printTestPage({
        look: { language, design: core.context?.policy.slipDesign ?? null },
        time: time.format(core.effects.clock.now()),
      });
      if (!result.ok) throw new SaksiError(result.failure);
      return {};
    },
    'devices.testDrawer': async (): Promise<BridgeOutput<'devices.testDrawer'>> => {
      const { setup } = require();
      if (core.identity !== null) throw new SaksiError('drawer_test_refused');
      core.store.audit.record('drawer.tested', {});
      const { confirmed } = await setup.testDrawer();
      return { confirmed };
    },
  };
}
