import { describe, expect, it } from 'vitest';
import { createGroupCommit } from './group-commit.ts';

function open(fails: (items: readonly number[]) => boolean = () => false, itemsMax = 100, lanes = 1) {
  const commits: number[][] = [];
  const waiting: (() => void)[] = [];
  const away = new Error('away');
  const group = createGroupCommit<number>({
    ...{ itemsMax, lanes },
    isShared: (error) => error === away,
    async commit(items) {
      commits.push([...items]);
      await new Promise<void>((resolve) => waiting.push(resolve));
      if (items.includes(-1)) throw away;
      if (fails(items)) throw new Error('refused');
    },
  });
  /** Lets the commit under way end. */
  async function finish(): Promise<void> {
    waiting.shift()?.();
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  }
  const outcome = (done: Promise<void>) =>
    done.then(
      () => 'committed',
      (error: Error) => error.message,
    );
  return { group, commits, finish, outcome };
}

describe('group commit', () => {
  it('commits the first at once, and all that came meanwhile together', async () => {
    const { group, commits, finish } = open();
    const done: number[] = [];
    const all = [1, 2, 3].map((n) => group.add([n]).then(() => done.push(n)));
    expect(commits).toEqual([[1]]);
    await finish();
    expect(done).toEqual([1]);
    expect(commits).toEqual([[1], [2, 3]]);
    await finish();
    await Promise.all(all);
    expect(done).toEqual([1, 2, 3]);
    void group.add([4]);
    expect(commits.at(-1)).toEqual([4]);
  });

  it('has as many commits under way as there are lanes; what comes meanwhile shares the next', async () => {
    const { group, commits, finish } = open(() => false, 100, 2);
    const all = [1, 2, 3, 4].map((n) => group.add([n]));
    expect(commits).toEqual([[1], [2]]);
    await finish();
    expect(commits).toEqual([[1], [2], [3, 4]]);
    const fifth = group.add([5]);
    expect(commits).toHaveLength(3);
    for (let turn = 0; turn < 3; turn += 1) await finish();
    await Promise.all([...all, fifth]);
    expect(commits.at(-1)).toEqual([5]);
  });

  it('answers nobody before their own commit ended', async () => {
    const { group, finish } = open();
    let answered = false;
    void group.add([1]);
    void group.add([2]).then(() => {
      answered = true;
    });
    await finish();
    expect(answered).toBe(false);
    await finish();
    expect(answered).toBe(true);
  });

  it('takes no more at once than is allowed, but a single one whatever its size', async () => {
    const { group, commits, finish } = open(() => false, 3);
    void group.add([0]);
    void group.add([1, 2]);
    void group.add([3, 4]);
    void group.add([5, 6, 7, 8]);
    for (let turn = 0; turn < 4; turn += 1) await finish();
    expect(commits).toEqual([[0], [1, 2], [3, 4], [5, 6, 7, 8]]);
  });

  it('finds the one that cannot be committed: the others are', async () => {
    const { group, finish, outcome } = open((items) => items.includes(3));
    const outcomes = [0, 1, 2, 3, 4].map((n) => outcome(group.add([n])));
    for (let turn = 0; turn < 10; turn += 1) await finish();
    expect(await Promise.all(outcomes)).toEqual([
      'committed',
      'committed',
      'committed',
      'refused',
      'committed',
    ]);
  });

  it('fails all when it is nobody’s fault, without asking again for each', async () => {
    const { group, commits, finish, outcome } = open();
    const outcomes = [0, -1, 2].map((n) => outcome(group.add([n])));
    await finish();
    await finish();
    expect(await Promise.all(outcomes)).toEqual(['committed', 'away', 'away']);
    expect(commits).toHaveLength(2);
    const later = outcome(group.add([5]));
    await finish();
    expect(await later).toBe('committed');
  });
});
