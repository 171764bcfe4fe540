// The physical limit of a round trip: the same two rings and records as the engine's Stream, in C++.
//
//   hop-peer <trips> <pinger's CPU> <ponger's CPU>      (a CPU of -1: not pinned)
//
// Prints p50, p99, p99.9 and max of the round trip in nanoseconds, one clock reading included.
#include <algorithm>
#include <thread>
#include <vector>

#include "../../rig/ring.hpp"

namespace {

Ring there;
Ring back;

}  // namespace

int main(int argc, char **argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: hop-peer <trips> <pinger's CPU> <ponger's CPU>\n");
    return 2;
  }
  const int trips = std::atoi(argv[1]);
  const int pingCpu = std::atoi(argv[2]);
  const int pongCpu = std::atoi(argv[3]);

  std::thread ponger([&] {
    pinTo(pongCpu);
    Writer writer{back};
    Reader reader{there};
    for (int trip = 0; trip < trips; trip++) {
      while (!reader.read(trip)) {
      }
      while (!writer.write(trip)) {
      }
    }
  });

  pinTo(pingCpu);
  Writer writer{there};
  Reader reader{back};
  std::vector<double> times(trips);
  double before = now();
  for (int trip = 0; trip < trips; trip++) {
    while (!writer.write(trip)) {
    }
    while (!reader.read(trip)) {
    }
    const double after = now();
    times[trip] = after - before;
    before = after;
  }
  ponger.join();

  // Each body sums to 8 * number + 28.
  const double count = trips;
  if (reader.sum != 4 * count * (count - 1) + 28 * count) {
    std::fprintf(stderr, "expected another sum than %.0f over %d messages\n", reader.sum, trips);
    return 1;
  }
  // Threads start and caches warm during the first tenth.
  times.erase(times.begin(), times.begin() + trips / 10);
  std::sort(times.begin(), times.end());
  const auto at = [&](double share) { return times[static_cast<size_t>(share * static_cast<double>(times.size() - 1))]; };
  std::printf("%.0f %.0f %.0f %.0f\n", at(0.5), at(0.99), at(0.999), times.back());
  return 0;
}
