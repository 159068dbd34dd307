import { type Partition, squares } from "../model/partition.ts";

/**
 * How far means of 1, 2, 4, … estimates lie from the exact gradient: without a bias the mean squared distance halves from
 * one to the next, with one it ends at the squared bias. Means of 2ᵏ are made of disjoint draws in pairs, so memory is
 * one vector a level.
 */
export class SquaredDistances {
  readonly #partition: Partition;
  readonly #exact: Float32Array;
  /** At level k a mean of 2ᵏ differences that waits for its partner. */
  readonly #waiting: (Float32Array | null)[] = [];
  readonly #sums: Float64Array[] = [];
  readonly #counts: number[] = [];

  constructor(partition: Partition, exact: Float32Array) {
    this.#partition = partition;
    this.#exact = exact;
  }

  /** Takes an estimate, which may be overwritten. */
  add(estimate: Float32Array): void {
    let mean = estimate;
    for (let i = 0; i < mean.length; i++) mean[i]! -= this.#exact[i]!;
    for (let level = 0; ; level++) {
      this.#record(level, mean);
      const partner = this.#waiting[level] ?? null;
      this.#waiting[level] = partner === null ? mean : null;
      if (partner === null) return;
      for (let i = 0; i < mean.length; i++) partner[i] = (partner[i]! + mean[i]!) / 2;
      mean = partner;
    }
  }

  /** ‖mean of 2ᵏ estimates − exact‖² of every block, averaged over the means there were, by level k. */
  get levels(): readonly Float64Array[] {
    return this.#sums.map((sums, level) => sums.map((sum) => sum / this.#counts[level]!));
  }

  #record(level: number, mean: Float32Array): void {
    const distances = squares(this.#partition, mean);
    this.#sums[level] = this.#sums[level]?.map((sum, block) => sum + distances[block]!) ?? distances;
    this.#counts[level] = (this.#counts[level] ?? 0) + 1;
  }
}
