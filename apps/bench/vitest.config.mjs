import { project } from "@sus/build/vitest";

// The gradients of TensorFlow.js come as modules that Node can't load by itself.
export default project("bench", { server: { deps: { inline: [/tfjs-core\/dist\/(?!tf-core)/] } } });
