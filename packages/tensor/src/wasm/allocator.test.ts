import { independent, key } from "@sus/graph";
import { expect, test } from "vitest";
import { Allocator } from "./allocator.ts";

const pageBytes = 1024;

/** A memory that grows page by page up to a limit. */
function memory(limit: number): { allocator: Allocator; end: () => number } {
  let end = pageBytes;
  const allocator = new Allocator((minimumEnd) => {
    if (minimumEnd > limit) throw new Error("full");
    end = Math.max(end, Math.ceil(minimumEnd / pageBytes) * pageBytes);
    return end;
  });
  return { allocator, end: () => end };
}

const roundUp = (bytes: number): number => Math.max(64, Math.ceil(bytes / 64) * 64);

test("random requests against a model: aligned, apart, counted, inside the memory", () => {
  const random = independent(key(5));
  const { allocator, end } = memory(200_000);
  const blocks = new Map<number, number>();
  let peak = 0;
  for (let request = 0; request < 20_000; request++) {
    const frees = random.bernoulli(blocks.size / 200);
    if (frees) {
      const starts = [...blocks.keys()];
      const start = starts[Math.ceil(random.uniform() * starts.length) - 1]!;
      blocks.delete(start);
      allocator.free(start);
    } else {
      const bytes = Math.floor(random.uniform() * 600);
      const start = allocator.allocate(bytes);
      expect(start % 64).toBe(0);
      expect(start).toBeGreaterThan(0);
      expect(start + bytes).toBeLessThanOrEqual(end());
      blocks.set(start, roundUp(bytes));
    }
    const used = [...blocks.values()].reduce((sum, size) => sum + size, 0);
    peak = Math.max(peak, used);
    expect(allocator.used).toBe(used);
    expect(allocator.peak).toBe(peak);
    if (request % 100 === 0) {
      const ordered = [...blocks].sort(([a], [b]) => a - b);
      ordered.reduce((lastEnd, [start, size]) => {
        expect(start).toBeGreaterThanOrEqual(lastEnd);
        return start + size;
      }, 64);
    }
  }
});

test("neighbours merge in any order of release, so one large block fits again", () => {
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ];
  for (const order of orders) {
    const { allocator } = memory(1024);
    const blocks = [320, 320, 320].map((bytes) => allocator.allocate(bytes));
    expect(() => allocator.allocate(1)).toThrow("full");
    for (const i of order) allocator.free(blocks[i]!);
    expect(allocator.used).toBe(0);
    expect(allocator.allocate(960)).toBe(64);
  }
});

test("takes the first gap that is large enough, and growth continues a gap at the end", () => {
  const { allocator, end } = memory(4096);
  const [a, b, c] = [allocator.allocate(64), allocator.allocate(256), allocator.allocate(64)];
  allocator.free(b);
  expect(allocator.allocate(128)).toBe(b);
  expect(allocator.allocate(128)).toBe(b + 128);
  allocator.free(c);
  // What is left of the first page, and more: the new block starts where the free one does.
  expect(allocator.allocate(1024)).toBe(c);
  expect(end()).toBe(2048);
  expect(a).toBe(64);
});

test("a request that does not fit changes nothing", () => {
  const { allocator } = memory(1024);
  const start = allocator.allocate(64);
  expect(() => allocator.allocate(1000)).toThrow("full");
  expect([allocator.used, allocator.peak]).toEqual([64, 64]);
  expect(allocator.allocate(896)).toBe(start + 64);
});

test("an address that is not a block's is an error, also the second time", () => {
  const { allocator } = memory(1024);
  const start = allocator.allocate(64);
  expect(() => allocator.free(start + 64)).toThrow(`free: no block starts at ${start + 64}`);
  allocator.free(start);
  expect(() => allocator.free(start)).toThrow(`free: no block starts at ${start}`);
});
