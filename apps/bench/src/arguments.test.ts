import { expect, test } from "vitest";
import { parseCommand, usageOf } from "./arguments.ts";
import { UsageError } from "./errors.ts";

const suites = ["dense", "peers"];
const parse = (...args: string[]) => parseCommand(args, suites);

test("without arguments every suite runs, in full, as tables", () => {
  expect(parse()).toEqual({ name: "run", suites: [], json: false, quick: false, all: false });
});

test("suites, options and a folder", () => {
  const args = ["peers", "--quick", "dense", "--threads", "3", "--json", "--out", "results"];
  expect(parse(...args)).toEqual({
    name: "run",
    suites: ["peers", "dense"],
    json: true,
    quick: true,
    all: false,
    threads: 3,
    out: "results",
  });
});

test("everything can be asked for", () => {
  expect(parse("--all")).toMatchObject({ suites: [], all: true, quick: false });
});

test("report writes where the results are", () => {
  expect(parse("report")).toEqual({ name: "report", out: "docs/benchmarks" });
  expect(parse("report", "--out", "elsewhere")).toEqual({ name: "report", out: "elsewhere" });
});

test("help wins over anything else, and names the suites", () => {
  expect(parse("--help", "nonsense")).toEqual({ name: "help" });
  expect(usageOf(suites)).toContain("dense, peers");
});

test.each([
  [["sparse"], "expected suites of dense, peers, or report, got sparse"],
  [["dense", "--threads", "0"], "expected --threads to be a whole number of at least 1, got 0"],
  [["--threads", "1.5"], "expected --threads to be a whole number of at least 1, got 1.5"],
  [["--threads", "two"], "expected --threads to be a whole number of at least 1, got two"],
  [["--threads"], "--threads"],
  [["--out", ""], "expected --out to be a folder, got nothing"],
  [["--all", "--quick"], "expected --all or --quick, got both"],
  [["--fast"], "--fast"],
  [["report", "dense"], "expected nothing but --out with report, got report dense"],
  [["report", "--quick"], "expected nothing but --out with report, got report --quick"],
])("%j is refused", (args, message) => {
  expect(() => parse(...args)).toThrow(message);
  expect(() => parse(...args)).toThrow(UsageError);
});
