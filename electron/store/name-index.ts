/** As names are compared: case and compatibility forms do not matter. */
export function nameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

interface Entry {
  key: string;
  id: string;
}

/**
 * Names by their start, in memory only: on the disk they stand under a cipher. Sorted when first asked, so that reading many
 * customers in costs one sort; from then on each change goes to its place.
 */
export function createNameIndex() {
  const keys = new Map<string, string>();
  let sorted: Entry[] | null = null;

  function inOrder(): Entry[] {
    sorted ??= [...keys].map(([id, key]) => ({ key, id })).sort(compare);
    return sorted;
  }

  function takeOut(id: string): void {
    const key = keys.get(id);
    if (key === undefined || sorted === null) return;
    const at = placeOf(sorted, { key, id });
    if (sorted[at]?.id === id) sorted.splice(at, 1);
  }

  return {
    get size(): number {
      return keys.size;
    },

    set(id: string, name: string): void {
      const key = nameKey(name);
      if (keys.get(id) === key) return;
      takeOut(id);
      keys.set(id, key);
      sorted?.splice(placeOf(sorted, { key, id }), 0, { key, id });
    },

    delete(id: string): void {
      takeOut(id);
      keys.delete(id);
    },

    clear(): void {
      keys.clear();
      sorted = null;
    },

    /** Ids of names that begin with `prefix`, in the order of names. */
    startingWith(prefix: string, limit: number): string[] {
      const key = nameKey(prefix);
      const all = inOrder();
      const found: string[] = [];
      for (let at = placeOf(all, { key, id: '' }); at < all.length && found.length < limit; at += 1) {
        const entry = all[at];
        if (entry === undefined || !entry.key.startsWith(key)) break;
        found.push(entry.id);
      }
      return found;
    },
  };
}
export type NameIndex = ReturnType<typeof createNameIndex>;

function compare(one: Entry, other: Entry): number {
  if (one.key !== other.key) return one.key < other.key ? -1 : 1;
  return one.id < other.id ? -1 : one.id > other.id ? 1 : 0;
}

/** The first place whose entry is not before `entry`. */
function placeOf(sorted: readonly Entry[], entry: Entry): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const found = sorted[middle];
    if (found !== undefined && compare(found, entry) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
