// Numbers for people, in one language so that a report reads the same on every machine.

const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** 1,048,576 */
export function formatCount(value: number): string {
  return grouped.format(value);
}

/** Two digits after the point: 2.61 */
export function formatBits(value: number): string {
  return value.toFixed(2);
}

/** 98.0 % */
export function formatShare(value: number): string {
  return `${(value * 100).toFixed(1)} %`;
}

/** 0.71 ms, 9.3 ms, 52 ms, 1.9 s */
export function formatMilliseconds(value: number): string {
  if (value >= 1000) return `${(value / 1000).toFixed(1)} s`;
  return `${value.toFixed(value >= 10 ? 0 : value >= 1 ? 1 : 2)} ms`;
}

/** 45 s, 2 min 5 s, 3 h 12 min */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
