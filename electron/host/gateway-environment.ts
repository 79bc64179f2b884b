import { dirname } from 'node:path';

/** What the embedded gateway is told: its own settings from our environment, loopback only, data beside the till's. */
export function gatewayEnvironment(
  ours: NodeJS.ProcessEnv,
  tillDataDir: string,
  port: number,
): Record<string, string> {
  const passed = Object.entries(ours).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && PASSED.test(entry[0]),
  );
  return {
    ...Object.fromEntries(passed),
    SAKSI_DATA_DIR: dirname(tillDataDir),
    HOST: '127.0.0.1',
    PORT: String(port),
  };
}

/** Its settings, and what a program needs of the system. */
const PASSED =
  /^(WHATSAPP_|SAKSI_|DATABASE_URL$|PATH$|HOME$|USERPROFILE$|SYSTEMROOT$|TEMP$|TMP$|TMPDIR$|TZ$|LANG$)/i;
