import probeText from "./probe.wgsl?text";
import { bufferUsage, mapRead } from "./usage.ts";

const results = new WeakMap<GPUDevice, Promise<boolean>>();

/**
 * Whether the threads of a subgroup follow each other in a workgroup of one dimension. The language leaves it open, all
 * known devices do it, and the reductions by subgroups rely on it; so it is looked at, once a device.
 */
export function hasLinearSubgroups(device: GPUDevice): Promise<boolean> {
  let result = results.get(device);
  if (result === undefined) {
    // A device that is lost says so in the calls that come.
    result = probe(device).catch(() => false);
    results.set(device, result);
  }
  return result;
}

async function probe(device: GPUDevice): Promise<boolean> {
  const { storage, copySource, copyTarget } = bufferUsage;
  const count = device.createBuffer({ size: 4, usage: storage | copySource });
  const staging = device.createBuffer({ size: 4, usage: bufferUsage.mapRead | copyTarget });
  try {
    const module = device.createShaderModule({ code: `enable subgroups;\n${probeText}` });
    const pipeline = device.createComputePipeline({
      layout: "auto",
      compute: { module, entryPoint: "main" },
    });
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    const entries = [{ binding: 0, resource: { buffer: count } }];
    pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    pass.dispatchWorkgroups(1);
    pass.end();
    encoder.copyBufferToBuffer(count, 0, staging, 0, 4);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(mapRead);
    return new Uint32Array(staging.getMappedRange())[0] === 0;
  } finally {
    for (const buffer of [count, staging]) buffer.destroy();
  }
}
