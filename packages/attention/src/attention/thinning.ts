/** The stream below the sample's key that the second stage draws from; heads use those from 0 on. */
export const secondStage = 0xffffffff;

/**
 * Newton steps at most on the way to λ, which rises to it from below. Worths over a factor of 10⁷ take about 8, over 10¹⁵
 * up to 17; a λ that is still too small keeps fewer entries, and its estimates have the same mean.
 */
export const mostSteps = 24;

/** The largest number of float32. */
export const largestFloat: number = (2 - 2 ** -23) * 2 ** 127;
