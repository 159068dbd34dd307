import { describe, expect, test } from "vitest";
import { plainText, readBrown } from "./brown.ts";
import { readText } from "./source.ts";

describe("the Brown corpus", () => {
  test("loses its tags and regains the blanks of print", () => {
    const tagged = [
      "\n\n\t``/`` I/ppss saw/vbd (/( all/abn )/) ''/'' ,/, she/pps said/vbd ;/. ;/.",
      "Why/wrb not/* ?/. ?/.\n\n\n\tA/at '/' pro/jj '/' of/in and/or/cc 1/2/cd **zg/nn Jr./np ./.\n\n",
    ].join("\n");
    expect(plainText(tagged)).toBe("\"I saw (all)\", she said; Why not?\n\nA 'pro' of and/or 1/2 Jr.\n\n");
  });

  test("is the same text everywhere", async () => {
    const text = await readText(null);
    expect(text.bytes.length).toBe(5_974_496);
    expect(text.sha256).toBe("8b29ac81984963ddc7b57d3e87fc9f03ae49366e4c6645df6eec9a77cb1237d8");
    expect(Buffer.from(text.bytes.subarray(0, 60)).toString()).toBe(
      "The Fulton County Grand Jury said Friday an investigation of",
    );
    expect(await readBrown()).toEqual(text.bytes);
  });
});
