export { attentionForward, attentionForwardBernoulli, attentionForwardPriority } from "./forward/forward";
export { attentionForwardCollect } from "./forward/collect";
export { attentionForwardSystematic } from "./forward/systematic";
export { attentionBackwardBaseline } from "./backward/baseline";
export { attentionBackwardColumns } from "./backward/columns";
export { attentionBackwardDelta, attentionBackwardExact } from "./backward/exact";
export { attentionBackwardRows } from "./backward/rows";
export { attentionBackwardKeysBaseline, attentionBackwardQueriesBaseline } from "./backward/scores-baseline";
export { attentionThinKeep, attentionThinSum } from "./backward/thin";
export { attentionThinByEntry, attentionThinByRow, attentionThinSquares } from "./backward/worths";
export { attentionBackwardCount, attentionBackwardMove } from "./backward/transpose";
export {
  packColumns as attentionForwardPackColumns, packColumns as attentionBackwardPackColumns,
  packRows as attentionForwardPackRows, packRows as attentionBackwardPackRows,
  packTiles as attentionBackwardPackTiles, unpackTiles as attentionBackwardUnpackTiles,
} from "./pack";
export { attentionTopK } from "./top-k/top-k";
