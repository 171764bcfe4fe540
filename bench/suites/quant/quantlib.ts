import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What QuantLib needs on the same options, in nanoseconds per call; its largest error of the volatility. */
export interface QuantLibFigures {
  version: string;
  price: number;
  newtonImpliedVol: number;
  newtonError: number;
  lirsImpliedVol: number;
}

const program = `
#include <ql/pricingengines/blackformula.hpp>
#include <ql/version.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <vector>
using namespace QuantLib;
struct Row { double F, K, T, sigma, price; int call; };
template <class Work> double median(const std::vector<Row>& rows, Work work) {
  std::vector<double> times;
  for (int round = 0; round < 60; round++) {
    auto start = std::chrono::steady_clock::now();
    for (const Row& row : rows) work(row);
    std::chrono::duration<double, std::nano> elapsed = std::chrono::steady_clock::now() - start;
    if (round >= 20) times.push_back(elapsed.count() / rows.size());
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}
int main() {
  std::vector<Row> rows;
  Row row;
  while (std::scanf("%lf %lf %lf %lf %lf %d", &row.F, &row.K, &row.T, &row.sigma, &row.price, &row.call) == 6) rows.push_back(row);
  volatile double sink = 0;
  double worst = 0;
  auto type = [](const Row& r) { return r.call ? Option::Call : Option::Put; };
  double price = median(rows, [&](const Row& r) { sink = sink + blackFormula(type(r), r.K, r.F, r.sigma * std::sqrt(r.T)); });
  double newton = median(rows, [&](const Row& r) {
    double vol = blackFormulaImpliedStdDev(type(r), r.K, r.F, r.price) / std::sqrt(r.T);
    worst = std::max(worst, std::fabs(vol / r.sigma - 1));
    sink = sink + vol;
  });
  double lirs = median(rows, [&](const Row& r) {
    try { sink = sink + blackFormulaImpliedStdDevLiRS(type(r), r.K, r.F, r.price); } catch (...) {}
  });
  std::printf("%s %.17g %.17g %.17g %.17g\\n", QL_VERSION, price, newton, worst, lirs);
}
`;

/**
 * Compiles a small program against the system's QuantLib and runs it on the options given, one a line as
 * `F K T sigma price isCall`. Returns why not, when there is no compiler or no QuantLib.
 */
export function measureQuantLib(options: readonly string[]): QuantLibFigures | string {
  const folder = mkdtempSync(join(tmpdir(), 'volfilter-quantlib-'));
  try {
    writeFileSync(join(folder, 'peer.cpp'), program);
    const flags = ['-O2', '-std=c++17', 'peer.cpp', '-o', 'peer', '-lQuantLib'];
    const compiled = spawnSync('g++', flags, { cwd: folder, encoding: 'utf8' });
    if (compiled.error !== undefined) return 'QuantLib left out: no g++ on this machine';
    if (compiled.status !== 0) return "QuantLib left out: not installed (Debian's libquantlib0-dev)";
    const run = spawnSync(join(folder, 'peer'), { input: options.join('\n'), encoding: 'utf8' });
    const [version, ...figures] = run.stdout.trim().split(' ');
    const [price, newtonImpliedVol, newtonError, lirsImpliedVol] = figures.map(Number);
    if (run.status !== 0 || lirsImpliedVol === undefined) return `QuantLib left out: its program failed: ${run.stderr}`;
    return {
      version: version!,
      price: price!,
      newtonImpliedVol: newtonImpliedVol!,
      newtonError: newtonError!,
      lirsImpliedVol,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
