// The physical limit of the chain: the same four actors, rings and records, the same open loop and the same ladder, in C++.
//
//   chain-peer <events> <warm-up> <events per second> <CPUs of source, first, second and sink>      (one thread where all four CPUs are the same)
//
// Prints p50, p99, p99.9 and max in nanoseconds from when a message was due to its arrival, and the events per second that it achieved.
#define RING_BYTES (1 << 20)
#include <algorithm>
#include <array>
#include <thread>
#include <vector>

#include "../../rig/ring.hpp"

namespace {

constexpr double kLeadNanoseconds = 50e6;
constexpr int kSpins = 2;

std::array<Ring, 3> rings;

struct Source {
  int events;
  double due;
  double interval;
  Writer writer{rings[0]};
  int sent = 0;

  bool isOver() const { return sent == events; }

  bool step() {
    if (isOver() || due > now() || !writer.write(sent)) return false;
    sent++;
    due += interval;
    return true;
  }
};

struct Relay {
  int events;
  Reader reader;
  Writer writer;
  int passed = 0;

  bool isOver() const { return passed == events; }

  bool step() {
    if (isOver() || !reader.read(passed)) return false;
    while (!writer.write(passed)) {
    }
    passed++;
    return true;
  }
};

struct Sink {
  int events;
  double due;
  double interval;
  std::vector<double> latencies;
  Reader reader{rings[2]};
  int arrived = 0;
  double last = 0;

  bool isOver() const { return arrived == events; }

  bool step() {
    if (isOver() || !reader.read(arrived)) return false;
    last = now();
    latencies[static_cast<size_t>(arrived++)] = last - due;
    due += interval;
    return true;
  }
};

// Runs one actor on a CPU that it shares: two spins, then the CPU is offered to the others.
template <typename Actor>
void runOn(int cpu, Actor &actor) {
  pinTo(cpu);
  for (int idle = 0; !actor.isOver();) {
    if (actor.step()) idle = 0;
    else if (++idle > kSpins) sched_yield();
  }
}

}  // namespace

int main(int argc, char **argv) {
  if (argc != 8) {
    std::fprintf(stderr, "usage: chain-peer <events> <warm-up> <events per second> <CPUs of four actors>\n");
    return 2;
  }
  const int events = std::atoi(argv[1]);
  const int warmUp = std::atoi(argv[2]);
  const double interval = 1e9 / std::atof(argv[3]);
  int cpus[4];
  for (int actor = 0; actor < 4; actor++) cpus[actor] = std::atoi(argv[4 + actor]);
  const double begin = now() + kLeadNanoseconds;

  Source source{events, begin, interval};
  Relay first{events, Reader{rings[0]}, Writer{rings[1]}};
  Relay second{events, Reader{rings[1]}, Writer{rings[2]}};
  Sink sink{events, begin, interval, std::vector<double>(static_cast<size_t>(events))};
  if (std::all_of(cpus, cpus + 4, [&](int cpu) { return cpu == cpus[0]; })) {
    pinTo(cpus[0]);
    while (!sink.isOver()) {
      source.step();
      first.step();
      second.step();
      sink.step();
    }
  } else {
    std::thread threads[] = {
        std::thread([&] { runOn(cpus[0], source); }),
        std::thread([&] { runOn(cpus[1], first); }),
        std::thread([&] { runOn(cpus[2], second); }),
    };
    runOn(cpus[3], sink);
    for (std::thread &thread : threads) thread.join();
  }

  // Each body sums to 8 * number + 28.
  const double count = events;
  if (sink.reader.sum != 4 * count * (count - 1) + 28 * count) {
    std::fprintf(stderr, "expected another sum than %.0f over %d messages\n", sink.reader.sum, events);
    return 1;
  }
  const double seconds = (sink.last - begin - warmUp * interval) / 1e9;
  std::vector<double> &times = sink.latencies;
  times.erase(times.begin(), times.begin() + warmUp);
  const double measured = static_cast<double>(times.size());
  std::sort(times.begin(), times.end());
  const auto at = [&](double share) { return times[static_cast<size_t>(share * (measured - 1))]; };
  std::printf("%.0f %.0f %.0f %.0f %.0f\n", at(0.5), at(0.99), at(0.999), times.back(), (measured - 1) / seconds);
  return 0;
}
