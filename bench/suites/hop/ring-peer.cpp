// The physical limit of a round trip: the same two rings and records as the engine's Stream, in C++.
//
//   ring-peer <trips> <pinger's CPU> <ponger's CPU>      (a CPU of -1: not pinned)
//
// Prints p50, p99, p99.9 and max of the round trip in nanoseconds, one clock reading included.
#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <time.h>
#include <vector>

namespace {

constexpr uint32_t kRingBytes = 1 << 16;
constexpr uint32_t kWords = kRingBytes / 8;
constexpr uint32_t kHeaderBytes = 56;
constexpr uint32_t kBodyWords = 8;
constexpr uint32_t kStampWords = 2;
constexpr uint32_t kLength = kHeaderBytes + kBodyWords * 8;
constexpr uint32_t kStep = kLength / 8 + kStampWords;
constexpr uint32_t kPadding = 0;
constexpr uint32_t kType = 999;

// Two cache lines a control word, as in the engine's arena.
struct Ring {
  alignas(128) std::atomic<uint32_t> tail{0};
  alignas(128) std::atomic<uint32_t> head{0};
  alignas(128) double data[kWords];

  void setLengthAndType(uint32_t word, uint32_t length, uint32_t type) {
    const uint32_t pair[2] = {length, type};
    std::memcpy(&data[word], pair, sizeof pair);
  }
};

struct Writer {
  Ring &ring;
  uint32_t claimed = 0;
  uint32_t slowest = 0;

  // Writes one message, or answers false when the ring is full.
  bool write(double number) {
    uint32_t word = claimed & (kWords - 1);
    const uint32_t toEnd = kWords - word;
    const uint32_t padding = kStep > toEnd ? toEnd : 0;
    const uint32_t end = claimed + padding + kStep;
    if (end - slowest > kWords) {
      slowest = ring.head.load(std::memory_order_acquire);
      if (end - slowest > kWords) return false;
    }
    if (padding != 0) {
      ring.setLengthAndType(word, padding * 8, kPadding);
      word = 0;
    }
    ring.setLengthAndType(word, kLength, kType);
    double *record = &ring.data[word];
    std::memset(record + 1, 0, kLength - 8);
    record[1] = number;
    for (uint32_t index = 0; index < kBodyWords; index++) record[kHeaderBytes / 8 + index] = number + index;
    claimed = end;
    ring.tail.store(end, std::memory_order_release);
    return true;
  }
};

struct Reader {
  Ring &ring;
  uint32_t position = 0;
  double sum = 0;

  // Reads one message, or answers false when there is none.
  bool read(double expected) {
    if (position == ring.tail.load(std::memory_order_acquire)) return false;
    uint32_t pair[2];
    std::memcpy(pair, &ring.data[position & (kWords - 1)], sizeof pair);
    if (pair[1] == kPadding) {
      position += pair[0] / 8;
      std::memcpy(pair, &ring.data[position & (kWords - 1)], sizeof pair);
    }
    const double *record = &ring.data[position & (kWords - 1)];
    if (record[1] != expected) {
      std::fprintf(stderr, "expected message %.0f, found %.0f\n", expected, record[1]);
      std::exit(1);
    }
    for (uint32_t index = 0; index < kBodyWords; index++) sum += record[kHeaderBytes / 8 + index];
    position += pair[0] / 8 + kStampWords;
    ring.head.store(position, std::memory_order_release);
    return true;
  }
};

void pinTo(int cpu) {
  if (cpu < 0) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

double now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

Ring there;
Ring back;

}  // namespace

int main(int argc, char **argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: ring-peer <trips> <pinger's CPU> <ponger's CPU>\n");
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
