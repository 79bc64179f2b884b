import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeClock, seededRandom } from '../../test/fixtures/fake-clock.ts';
import { removeTempFolders, tempFolder } from '../../test/fixtures/temp-folder.ts';
import { storeFault } from './faults.ts';
import { openStore } from './store.ts';

const disk = join(tempFolder(), 'disk');
const filler = join(disk, 'filler');
mkdirSync(disk);
const mounted = mount();

/** Only root may mount; elsewhere a page limit stands in for a full disk (trouble.test.ts). */
function mount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'saksi-test', disk], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

beforeAll(() => {
  if (!mounted) process.stdout.write('not root, or no mounts here: no real full disk is tried\n');
});
afterAll(() => {
  if (mounted) execFileSync('umount', ['--lazy', disk]);
  removeTempFolders();
});

function fill(): void {
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(filler, Buffer.alloc(Number(bavail) * Number(bsize)));
}

describe.runIf(mounted)('a disk that is really full', () => {
  it('refuses the whole write by its name, keeps what was there, and goes on once there is room', () => {
    const effects = { clock: new FakeClock(), random: seededRandom() };
    const dataDir = join(disk, 'data');
    const store = openStore(dataDir, effects);
    const told = (n: number) => store.audit.record('session.signed_out', { staffId: `${n}`, why: 'asked' });
    told(0);
    fill();
    let kept = 1;
    const refused = () => {
      try {
        // The log has some room of its own left: until it is used up, a write is as good as ever.
        for (; kept < 20_000; kept += 1) told(kept);
      } catch (error) {
        return storeFault(error);
      }
      return null;
    };
    expect(refused()).toMatchObject({ code: 'disk_full' });
    expect(store.audit.verifyChain()).toMatchObject({ ok: true, length: kept });

    rmSync(filler);
    told(kept);
    expect(store.audit.verifyChain()).toMatchObject({ ok: true, length: kept + 1 });
    store.close();
    const again = openStore(dataDir, effects);
    expect(again.audit.verifyChain()).toMatchObject({ ok: true, length: kept + 1 });
    again.close();
  });
});
