export interface BatcherOptions<In, Out> {
  /** Answers one output for each input, in their order. */
  readonly run: (items: readonly In[]) => Promise<readonly Out[]>;
  /** Items of one run at most. */
  readonly max: number;
  /** Runs at the same time at most; what comes meanwhile gathers. */
  readonly lanes?: number;
  /** Two items of one key are never in one run, and keep their order. */
  readonly keyOf?: (item: In) => string;
}

/**
 * Does for many callers at once what each asks for alone: whatever was asked in the same turn, or while earlier runs were
 * under way, is one run. Nobody waits for a timer. A run that fails is repeated item by item, so that one bad item takes no
 * other with it; `run` must therefore be all or nothing, or safe to repeat.
 */
export function createBatcher<In, Out>(options: BatcherOptions<In, Out>): (item: In) => Promise<Out> {
  const { run, max, lanes = 1, keyOf } = options;
  interface Waiting {
    readonly item: In;
    readonly resolve: (out: Out) => void;
    readonly reject: (error: unknown) => void;
  }
  let waiting: Waiting[] = [];
  const busyKeys = new Set<string>();
  let running = 0;
  let scheduled = false;

  function schedule(): void {
    if (scheduled || running >= lanes || waiting.length === 0) return;
    scheduled = true;
    queueMicrotask(() => {
      scheduled = false;
      start();
    });
  }

  function start(): void {
    const batch = take();
    if (batch.length === 0) return;
    running += 1;
    void settle(batch).finally(() => {
      running -= 1;
      for (const { item } of batch) if (keyOf !== undefined) busyKeys.delete(keyOf(item));
      schedule();
    });
    schedule();
  }

  function take(): Waiting[] {
    const batch: Waiting[] = [];
    const left: Waiting[] = [];
    const passed = new Set<string>();
    for (const one of waiting) {
      const key = keyOf?.(one.item);
      if (batch.length >= max || (key !== undefined && (busyKeys.has(key) || passed.has(key)))) {
        if (key !== undefined) passed.add(key);
        left.push(one);
        continue;
      }
      if (key !== undefined) busyKeys.add(key);
      batch.push(one);
    }
    waiting = left;
    return batch;
  }

  async function settle(batch: readonly Waiting[]): Promise<void> {
    try {
      const outs = await run(batch.map(({ item }) => item));
      for (const [index, one] of batch.entries()) one.resolve(outs[index] as Out);
    } catch (error) {
      const [first] = batch;
      if (batch.length === 1) return first?.reject(error);
      for (const one of batch) await settle([one]);
    }
  }

  return (item) =>
    new Promise<Out>((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      schedule();
    });
}
