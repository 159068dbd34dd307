export { countNonzero, gatherNonzero, scatterRows } from "./dense";
export { bernoulliCount, bernoulliFill } from "./sampleRows/bernoulli";
export { priorityCount, priorityFill } from "./sampleRows/priority";
export { systematicCount, systematicFill } from "./sampleRows/systematic";
export { sddmm } from "./sddmm";
export { spmmChunks, spmmRows } from "./spmm";
export { gather, transposeCount, transposeOffsets, transposeScatter } from "./transpose";
