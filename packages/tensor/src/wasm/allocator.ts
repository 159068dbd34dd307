/** Where every block starts and ends: a cache line. */
const alignment = 64;

interface Free {
  start: number;
  size: number;
}

/**
 * Hands out blocks of one linear memory: first fit over a list of free blocks that is sorted by address, neighbours
 * merged on release. Address 0 is never handed out.
 */
export class Allocator {
  readonly #free: Free[] = [];
  readonly #sizes = new Map<number, number>();
  readonly #grow: (minimumEnd: number) => number;
  #end = alignment;
  used = 0;
  peak = 0;

  /** `grow` extends the memory to at least `minimumEnd` bytes and returns its new length, or throws. */
  constructor(grow: (minimumEnd: number) => number) {
    this.#grow = grow;
  }

  /** The address of a block of at least `bytes` bytes, 64-byte aligned. Throws what `grow` throws. */
  allocate(bytes: number): number {
    const size = Math.max(alignment, Math.ceil(bytes / alignment) * alignment);
    const start = this.#take(size) ?? this.#extend(size);
    this.#sizes.set(start, size);
    this.used += size;
    this.peak = Math.max(this.peak, this.used);
    return start;
  }

  free(start: number): void {
    const size = this.#sizes.get(start);
    if (size === undefined) throw new Error(`free: no block starts at ${start}`);
    this.#sizes.delete(start);
    this.used -= size;
    this.#insert({ start, size });
  }

  #take(size: number): number | undefined {
    const index = this.#free.findIndex((block) => block.size >= size);
    const block = this.#free[index];
    if (block === undefined) return undefined;
    const { start } = block;
    block.start += size;
    block.size -= size;
    if (block.size === 0) this.#free.splice(index, 1);
    return start;
  }

  /** New memory at the end, joined with a free block that already touches it. */
  #extend(size: number): number {
    const last = this.#free.at(-1);
    const start = last !== undefined && last.start + last.size === this.#end ? last.start : this.#end;
    const end = this.#grow(start + size);
    if (start !== this.#end) this.#free.pop();
    if (end > start + size) this.#free.push({ start: start + size, size: end - start - size });
    this.#end = end;
    return start;
  }

  #insert(block: Free): void {
    let low = 0;
    let high = this.#free.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#free[middle]!.start < block.start) low = middle + 1;
      else high = middle;
    }
    const before = this.#free[low - 1];
    const after = this.#free[low];
    const joinsBefore = before !== undefined && before.start + before.size === block.start;
    const joinsAfter = after !== undefined && block.start + block.size === after.start;
    if (joinsBefore && joinsAfter) {
      before.size += block.size + after.size;
      this.#free.splice(low, 1);
    } else if (joinsBefore) {
      before.size += block.size;
    } else if (joinsAfter) {
      after.start = block.start;
      after.size += block.size;
    } else {
      this.#free.splice(low, 0, block);
    }
  }
}
