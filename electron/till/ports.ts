import type { AxiosInstance } from 'axios';
import type { DeviceConfig, Discovered } from '../../shared/device-config.ts';
import type { Cancel, Effects } from '../../shared/effects.ts';
import type { DeviceState } from '../devices/devices.ts';
import type { PrintResult } from '../devices/print-job.ts';
import type { SlipDocument } from '../devices/slip.ts';
import type { TestPage } from '../devices/test-page.ts';
import type { UsePermit } from '../devices/use-permit.ts';
import type { SecretStore } from '../store/secrets.ts';
import type { SlipPlace } from '../store/slip-jobs.ts';
import type { TillStep } from './steps.ts';

/** Printer and drawer as the till uses them; `Devices` of electron/devices is one. */
export interface TillDevices {
  start(): void;
  stop(): Promise<void>;
  readonly state: DeviceState;
  onChange(listener: (state: DeviceState) => void): Cancel;
  /** The bytes are with the port before this returns. */
  openDrawer(permit: UsePermit): Promise<{ readonly sent: true; readonly confirmed: boolean }>;
  /** On the second printer where so told. `leaving` is called before the first byte leaves, or not at all. */
  printSlip(permit: UsePermit, slip: SlipDocument, on: SlipPlace, leaving: () => void): Promise<PrintResult>;
}

/** How the devices of this machine are chosen. `use` keeps a choice for the next start too, then opens it. */
export interface DeviceSetup {
  config(): DeviceConfig;
  find(): Promise<Discovered>;
  use(config: DeviceConfig): Promise<void>;
  printTestPage(page: Pick<TestPage, 'look' | 'time'>): Promise<PrintResult>;
  testDrawer(): Promise<{ readonly confirmed: boolean }>;
}

/** The part of a pino logger that the till uses. Codes, tokens, phone numbers and grants never reach it. */
export interface TillLog {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

export interface TillOptions {
  /** Folder of this till's database and secrets; made when missing. */
  dataDir: string;
  effects: Effects;
  /** Started and stopped by the till. */
  devices: TillDevices;
  /** Left out: the devices are what they are. */
  deviceSetup?: DeviceSetup;
  logger: TillLog;
  host: 'electron' | 'browser';
  appVersion: string;
  /** Left out: `createHttp()` of electron/gateway-client. */
  http?: AxiosInstance;
  /** Tells one set of the machine's network addresses from another. Left out: no change of it is noticed by itself. */
  network?: () => string;
  /** Left out: files of mode 0600 in `dataDir`. */
  secrets?: SecretStore;
  /** See wal-reserve.ts; false where it is left out. */
  walReserved?: boolean;
  /** Crash probe for tests: called at each step of a redemption or an approval. */
  onStep?: (step: TillStep) => void;
}
