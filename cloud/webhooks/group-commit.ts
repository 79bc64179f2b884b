/**
 * Group commit: everything handed in while one commit runs shares the next one. As many commits run at a time as there are
 * lanes, so the number of commits falls as the load rises, and nobody waits for more than the one under way and their own.
 */
export interface GroupCommit<T> {
  /** Resolves once these were committed; rejects when they were not. */
  add(items: readonly T[]): Promise<void>;
}

export interface GroupCommitOptions<T> {
  readonly commit: (items: readonly T[]) => Promise<void>;
  /** Of one commit; a single `add` of more is one commit all the same. */
  readonly itemsMax: number;
  /** Commits at the same time; left out: one. With two the database works on one while the next is put together. */
  readonly lanes?: number;
  /** Whether the failure is everybody's (the database is away): it is then not looked for whose it is. */
  readonly isShared: (error: unknown) => boolean;
}

interface Waiting<T> {
  readonly items: readonly T[];
  resolve(): void;
  reject(error: unknown): void;
}

export function createGroupCommit<T>(options: GroupCommitOptions<T>): GroupCommit<T> {
  const { commit, itemsMax, lanes = 1, isShared } = options;
  let waiting: Waiting<T>[] = [];
  let running = 0;

  function add(items: readonly T[]): Promise<void> {
    return new Promise((resolve, reject) => {
      waiting.push({ items, resolve, reject });
      if (running < lanes) void run();
    });
  }

  async function run(): Promise<void> {
    running += 1;
    while (waiting.length > 0) {
      const group = takeGroup();
      await commitGroup(group);
    }
    running -= 1;
  }

  function takeGroup(): Waiting<T>[] {
    let size = 0;
    let count = 0;
    for (const { items } of waiting) {
      size += items.length;
      if (count > 0 && size > itemsMax) break;
      count += 1;
    }
    const group = waiting.slice(0, count);
    waiting = waiting.slice(count);
    return group;
  }

  /** One that cannot be committed fails alone: the group is halved until it is found. Never rejects. */
  async function commitGroup(group: readonly Waiting<T>[]): Promise<void> {
    try {
      await commit(group.flatMap(({ items }) => items));
      for (const { resolve } of group) resolve();
    } catch (error) {
      if (group.length === 1 || isShared(error)) {
        for (const { reject } of group) reject(error);
        return;
      }
      const half = group.length >> 1;
      await commitGroup(group.slice(0, half));
      await commitGroup(group.slice(half));
    }
  }

  return { add };
}
