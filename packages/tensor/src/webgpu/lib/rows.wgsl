// For kernels that treat rows one by one, a workgroup each.

override WORKGROUP: u32 = 256;
