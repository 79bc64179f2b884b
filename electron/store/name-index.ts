/** As names are compared: case and compatibility forms do not matter. */
export function nameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

/**
 * Names by their start, in memory only: on the disk they stand under a cipher. Sorted when first asked after a change, so
 * that reading many customers in costs one sort.
 */
export function createNameIndex() {
  const keys = new Map<string, string>();
  let sorted: { key: string; id: string }[] | null = null;

  function inOrder(): { key: string; id: string }[] {
    sorted ??= [...keys]
      .map(([id, key]) => ({ key, id }))
      .sort((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0));
    return sorted;
  }

  return {
    get size(): number {
      return keys.size;
    },

    set(id: string, name: string): void {
      const key = nameKey(name);
      if (keys.get(id) === key) return;
      keys.set(id, key);
      sorted = null;
    },

    delete(id: string): void {
      if (keys.delete(id)) sorted = null;
    },

    clear(): void {
      keys.clear();
      sorted = null;
    },

    /** Ids of names that begin with `prefix`, in the order of names. */
    startingWith(prefix: string, limit: number): string[] {
      const key = nameKey(prefix);
      const all = inOrder();
      let low = 0;
      let high = all.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((all[middle]?.key ?? '') < key) low = middle + 1;
        else high = middle;
      }
      const found: string[] = [];
      for (let at = low; at < all.length && found.length < limit; at += 1) {
        const entry = all[at];
        if (entry === undefined || !entry.key.startsWith(key)) break;
        found.push(entry.id);
      }
      return found;
    },
  };
}
export type NameIndex = ReturnType<typeof createNameIndex>;
