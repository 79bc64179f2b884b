import { z } from 'zod';

/** Which printer and drawer a till has and how they are reached: kept in its `till.json`, chosen on its set-up screen. */

export const DEFAULT_BAUD_RATE = 115_200;

/** What a printer understands: StarPRNT, Star Line Mode, or ESC/POS. */
export const printerLanguageSchema = z.enum(['star-prnt', 'star-line', 'esc-pos']);
export type PrinterLanguage = z.infer<typeof printerLanguageSchema>;

/** Which device it is, wherever it is plugged in: `vendor:product:serial`. Left out: the path alone counts. */
const identity = z.string().min(1).max(200).optional();
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is kept out
const queueName = z.string().regex(/^[^\u0000-\u001f\u007f]{1,220}$/);

export const transportSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('serial'),
    path: z.string().min(1).max(260),
    baudRate: z.number().int().min(1200).max(1_000_000).default(DEFAULT_BAUD_RATE),
    identity,
  }),
  /** A printer of the USB printer class, as Linux shows it. The screen may name no other file: it is written to. */
  z.object({
    kind: z.literal('usb'),
    path: z.string().regex(/^\/dev\/(usb\/lp|usblp|lp)\d{1,3}$/),
    identity,
  }),
  z.object({
    kind: z.literal('tcp'),
    host: z.string().min(1).max(253),
    port: z.number().int().min(1).max(65_535).default(9100),
  }),
  /** A print queue of the operating system: prints, and tells nothing back. */
  z.object({ kind: z.literal('queue'), name: queueName }),
  z.object({ kind: z.literal('none') }),
]);
export type TransportConfig = z.infer<typeof transportSchema>;

/** Whether the drawer's switch reads high or low when it is open; differs by drawer. The mPOP's reads high. */
const polaritySchema = z.enum(['high_is_open', 'low_is_open']).default('high_is_open');

const printerSchema = z.object({
  transport: transportSchema,
  language: printerLanguageSchema.default('star-prnt'),
  /** Characters of font A on a line: 32 on 58 mm paper (mPOP), 48 on 80 mm, 42 on some ESC/POS printers. */
  columns: z.union([z.literal(32), z.literal(42), z.literal(48)]).default(32),
  drawerPolarity: polaritySchema,
});

export const deviceConfigSchema = z.object({
  printer: printerSchema,
  /** Where a slip prints of which nothing left for `printer`, once that one has been away for a while. */
  fallbackPrinter: printerSchema.optional(),
  drawer: z
    .discriminatedUnion('via', [
      z.object({ via: z.literal('printer') }),
      /** A drawer on another printer. */
      z.object({
        via: z.literal('device'),
        transport: transportSchema,
        language: printerLanguageSchema.default('star-prnt'),
        drawerPolarity: polaritySchema,
      }),
      z.object({ via: z.literal('none') }),
    ])
    .default({ via: 'printer' }),
  /** In units of 10 ms, 1..127. The default is Star's own. */
  drawerPulse: z
    .object({ onTime: z.number().int().min(1).max(127), offTime: z.number().int().min(1).max(127) })
    .default({ onTime: 20, offTime: 20 }),
  /** The connector that the drawer's cable is in; connector 2 of a Star printer has times of its own. */
  drawerConnector: z.union([z.literal(1), z.literal(2)]).default(1),
});
export type DeviceConfig = z.infer<typeof deviceConfigSchema>;

/** A printer that the machine shows. `identity` is null where it cannot be told from its like. */
export const foundDeviceSchema = z.object({
  kind: z.enum(['serial', 'usb', 'queue']),
  /** A path, or the queue's name. */
  address: z.string(),
  vendor: z.string(),
  product: z.string(),
  serialNumber: z.string(),
  /** Four hexadecimal digits each; empty where it is no USB device. */
  vendorId: z.string(),
  productId: z.string(),
  bluetooth: z.boolean(),
  identity: z.string().nullable(),
  /** A guess, by maker and name. */
  language: printerLanguageSchema.nullable(),
});
export type FoundDevice = z.infer<typeof foundDeviceSchema>;

export const discoveredSchema = z.object({
  devices: z.array(foundDeviceSchema),
  /** Which ways of looking failed, and why: the others are not held up by it. */
  problems: z.array(z.object({ source: foundDeviceSchema.shape.kind, detail: z.string() })),
});
export type Discovered = z.infer<typeof discoveredSchema>;
