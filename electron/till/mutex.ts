/** Runs tasks one after the other, in the order in which they came. A task that fails does not stop the next. */
export function createMutex() {
  let tail: Promise<unknown> = Promise.resolve();
  return <T>(task: () => Promise<T>): Promise<T> => {
    const result = tail.then(task);
    tail = result.catch(() => undefined); // the caller of `task` has the error
    return result;
  };
}
export type Mutex = ReturnType<typeof createMutex>;
